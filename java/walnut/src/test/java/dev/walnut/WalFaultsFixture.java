package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.NativeBody;
import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.SegmentStore;
import dev.walnut.internal.segment.StoreEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Opens a log over a disk that fails, with the body named by a parameter below it. */
abstract class WalFaultsFixture {
  @TempDir Path base;

  @Parameter Backend body;

  FaultyDisk disk;
  Path dir;

  @BeforeEach
  void makeDisk() throws IOException {
    dir = base.resolve("log");
    disk = new FaultyDisk(body == Backend.NATIVE ? NativeBody.required() : Disks.java());
  }

  Wal open(WalConfig.Builder config) throws IOException {
    return open(config, new NeverIdle());
  }

  Wal open(WalConfig.Builder config, Threads threads) throws IOException {
    Random random = new Random(3);
    StoreOpener opener =
        new StoreOpener() {
          @Override
          public OpenedStore open(WalConfig config) throws IOException {
            StoreEnvironment environment =
                new StoreEnvironment(disk, "a test", random::nextLong, () -> 0);
            SegmentStore store = SegmentStore.open(environment, SegmentStores.options(config));
            return new OpenedStore(store, store.recovery(), store.backend(), store.backendReason());
          }

          @Override
          public EntrySource openReadOnly(Path dir, String prefix) {
            throw new AssertionError("not asked for here");
          }
        };
    return Wal.open(config.build(), new Internals(opener, threads));
  }

  WalConfig.Builder database() {
    return WalConfig.forDatabase(dir);
  }

  void failNext(Call call) {
    disk.fail(call, disk.count(call) + 1, FaultyDisk.ioError(call.toString()));
  }

  /** Appends entries up to an index; each holds its index as its one byte. */
  static void appendUpTo(Wal wal, long last) throws IOException {
    while (wal.lastIndex() < last) {
      wal.append(new byte[] {(byte) (wal.lastIndex() + 1)});
    }
  }

  /** Opens the log on a healthy disk, with the Java body, and looks at all of it. */
  void assertHolds(long atLeast, long atMost) throws IOException {
    try (Wal wal = Wal.open(database().backend(Backend.JAVA).openCheck(OpenCheck.FULL).build())) {
      assertThat(wal.size()).isBetween(atLeast, atMost);
      assertThat(wal.lastIndex()).isEqualTo(wal.size());
      for (long i = 1; i <= wal.size(); i++) {
        assertThat(wal.get(i).orElseThrow().value()).isEqualTo(new byte[] {(byte) i});
      }
    }
  }

  static void assertFailed(ThrowingAppend append, Outcome outcome) {
    assertThatThrownBy(append::run)
        .isInstanceOfSatisfying(
            LogFailedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(outcome);
              assertThat(e.getCause()).isInstanceOf(IOException.class);
            });
  }

  interface ThrowingAppend {
    void run() throws IOException;
  }

  /** What a killed process leaves behind: every byte that was written. */
  static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
  }

  /**
   * A clock that stands still: no log goes idle, so that no mark takes the fault meant for another.
   */
  private static final class NeverIdle implements Threads {
    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public void start(Worker worker) {
      REAL.start(worker);
    }

    @Override
    public void giveWay() {
      REAL.giveWay();
    }

    @Override
    public void awaitProgress(Worker worker) {
      REAL.awaitProgress(worker);
    }
  }
}
