package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.stream.Stream;

/** Opening, closing and being killed; each life with settings of its own. */
final class ModelLives {
  private static final SyncMode[] MODES = {
    SyncMode.NONE, SyncMode.NONE, SyncMode.INTERVAL, SyncMode.BATCH, SyncMode.EVERY_WRITE
  };

  private final ModelRun run;
  private final ModelChecks checks;
  private final ModelCursors cursors;
  private final ModelReaders readers;
  private Backend backend;

  /** How many there were. */
  int count;

  ModelLives(
      ModelRun run,
      ModelChecks checks,
      ModelCursors cursors,
      ModelReaders readers,
      Backend backend) {
    this.run = run;
    this.checks = checks;
    this.cursors = cursors;
    this.readers = readers;
    this.backend = backend;
  }

  void open() throws IOException {
    count++;
    WalConfig config = config();
    run.say(
        "open with "
            + config.backend()
            + ", "
            + config.syncMode()
            + ", maxSegments "
            + config.maxSegments()
            + ", retainBytes "
            + config.retainBytes()
            + ", "
            + config.recovery()
            + ", "
            + config.openCheck());
    run.wal = Wal.open(config);
    run.model.synced();
    assertThat(run.wal.recoveryReport().cutBytes()).isZero();
    assertThat(run.wal.durableIndex()).isEqualTo(run.model.last);
    checks.assertAgrees(run.wal);
    run.segments.opened();
    if (run.chance(4)) {
      assertSound();
    }
  }

  private WalConfig config() {
    int limits = run.random.nextInt(6);
    return WalConfig.builder(run.dir)
        .backend(backend)
        .indexOrder(run.order)
        .syncMode(MODES[run.random.nextInt(MODES.length)])
        .syncInterval(Duration.ofMillis(1 + run.random.nextInt(20)))
        .maxSegments(limits == 0 || limits == 1 ? 3 : 0)
        .retainBytes(limits == 1 || limits == 2 ? 40_000 : 0)
        .segmentThreshold(run.random.nextBoolean() ? 20 : 0)
        .segmentBytes(16 * 1024)
        .maxOpenSegments(2)
        .slowSyncThreshold(Duration.ofMinutes(1))
        .maxBatchBytes(64 * 1024)
        .maxEntryBytes(4000)
        .maxWriteBatchBytes(60_000)
        .openCheck(run.chance(4) ? OpenCheck.FULL : OpenCheck.FOOTERS)
        .recovery(run.random.nextBoolean() ? RecoveryMode.STRICT : RecoveryMode.HEAL)
        .build();
  }

  /** Ends this life, one way or the other, and begins the next with the other back end. */
  void reopen() throws IOException {
    run.futures.join();
    run.holds.clear();
    if (run.random.nextBoolean()) {
      run.say("close");
      run.wal.close();
    } else {
      kill();
    }
    cursors.logClosed();
    assertSound();
    if (run.chance(3)) {
      readers.fresh();
    }
    backend = backend == Backend.JAVA ? Backend.NATIVE : Backend.JAVA;
    open();
  }

  /** Goes on with what the files were at a moment of rest. */
  private void kill() throws IOException {
    run.say("kill");
    Await.until(() -> run.wal.stats().choresPending() == 0);
    Path copy = run.base.resolve(String.valueOf(count));
    LogContract.copyWhileOpen(run.dir, copy);
    while (!isCopy(run.dir, copy)) { // a mark was being written
      delete(copy);
      LogContract.copyWhileOpen(run.dir, copy);
    }
    run.wal.close();
    readers.close();
    delete(run.dir);
    run.dir = copy;
  }

  private static boolean isCopy(Path dir, Path copy) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        if (Files.mismatch(file, copy.resolve(file.getFileName().toString())) != -1) {
          return false;
        }
      }
    }
    return true;
  }

  private static void delete(Path dir) throws IOException {
    Files.walkFileTree(
        dir,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void assertSound() throws IOException {
    run.say("verify");
    VerifyReport verified = Wal.verify(run.dir, "segment_");
    assertThat(verified.isIntact()).as(verified.toString()).isTrue();
    assertThat(verified.omitted()).isZero();
    SalvageReport salvage = Wal.salvage(run.dir, "segment_", SalvageMode.DRY_RUN);
    assertThat(salvage.isNeeded()).as(salvage.toString()).isFalse();
  }
}
