package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Made;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log on a real disk with virtual threads as its only callers: none of its syncs runs on one,
 * which the disk and the gate of every file assert.
 */
@Timeout(120)
class VirtualCallersTest {
  @TempDir Path base;

  @BeforeEach
  void requireVirtualThreads() {
    assumeTrue(
        Runtime.version().feature() >= 21,
        "not run: virtual threads need Java 21, this is " + Runtime.version());
  }

  /** Calls something on a virtual thread of its own. */
  private static <T> T virtually(Callable<T> call) {
    return CarrierProgram.startVirtual(call).join();
  }

  private static void appendMany(Wal wal, byte[] value) {
    List<CompletableFuture<Long>> callers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      callers.add(CarrierProgram.startVirtual(() -> wal.append(value)));
      callers.add(CarrierProgram.startVirtual(() -> wal.appendWithSync("k", value)));
      callers.add(CarrierProgram.startVirtual(() -> wal.appendAsync(value).join()));
      callers.add(CarrierProgram.startVirtual(wal::sync));
    }
    callers.forEach(CompletableFuture::join);
  }

  private long everyCall(FaultyDisk disk, WalConfig.Builder config) {
    byte[] value = new byte[500];
    Wal wal = virtually(() -> DiskLogs.open(disk, config.build()));
    long first = virtually(() -> wal.write(1, "", value));
    CompletableFuture<Long> durable = virtually(() -> wal.whenDurable(first + 2));
    virtually(() -> wal.writeWithSync(first + 1, "", value));
    virtually(() -> wal.writeWithSync(new WriteBatch().put(first + 2, "", value)));
    virtually(() -> wal.appendWithSyncAsync(new WriteBatch().add(value).add(value)).join());
    assertThat(durable.join()).isEqualTo(first + 2);
    appendMany(wal, value);
    virtually(
        () -> {
          wal.tombstone(first);
          return wal.sync();
        });
    long last = virtually(wal::lastIndex);
    assertThat(wal.stats().rotations()).isPositive();
    virtually(
        () -> {
          wal.close();
          return null;
        });
    return last;
  }

  @Test
  void everyCall_onVirtualThreadsOnly_neverSyncsThere() throws IOException {
    for (SyncMode mode : List.of(SyncMode.BATCH, SyncMode.NONE, SyncMode.EVERY_WRITE)) {
      FaultyDisk disk = new FaultyDisk(Disks.java());
      Path dir = base.resolve(mode.toString());
      WalConfig.Builder config =
          WalConfig.builder(dir).syncMode(mode).segmentBytes(8192).maxSegments(3);

      long last = everyCall(disk, config);

      assertThat(last).isEqualTo(65);
      assertThat(disk.countOfSyncs()).isGreaterThan(20);
      assertThat(disk.count(Call.DELETE)).isPositive();
      assertThat(disk.calls()).anyMatch(made -> made.call() == Call.SYNC_DIRECTORY);
      assertThat(disk.calls()).anyMatch(Made::syncs);
      try (Wal wal = Wal.open(config.backend(Backend.JAVA).openCheck(OpenCheck.FULL).build())) {
        assertThat(wal.lastIndex()).isEqualTo(last);
      }
    }
  }

  @Test
  void unsafeRecover_onAVirtualThread_doesNotSyncThere() throws IOException {
    WalConfig.Builder config =
        WalConfig.forDatabase(base.resolve("log")).segmentBytes(8192).backend(Backend.JAVA);
    try (Wal wal = Wal.open(config.build())) {
      for (int i = 0; i < 30; i++) {
        wal.append(new byte[1000]);
      }
    }
    Path damaged = base.resolve("log").resolve("segment_2");
    byte[] content = Files.readAllBytes(damaged);
    content[5000] ^= 1;
    Files.write(damaged, content);

    List<Path> removed = virtually(() -> Wal.unsafeRecover(base.resolve("log"), "segment_"));

    assertThat(removed).containsExactly(damaged);
    try (Wal wal = virtually(() -> Wal.open(config.build()))) {
      assertThat(wal.lastIndex()).isEqualTo(30);
    }
  }

  @Test
  void otherVirtualThread_whileAnySyncHoldsItsThread_progressesOnTheOneCarrier() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "-Djdk.virtualThreadScheduler.parallelism=1",
            "-Djdk.virtualThreadScheduler.maxPoolSize=1",
            "-cp",
            System.getProperty("java.class.path"),
            CarrierProgram.class.getName(),
            base.resolve("log").toString());

    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(child.getInputStream().readAllBytes());

      assertThat(child.waitFor(50, TimeUnit.SECONDS)).isTrue();
      assertThat(output.lines())
          .containsExactly(
              "open: progressed",
              "append: progressed",
              "write: progressed",
              "writeWithSync: progressed",
              "appendAsync: progressed",
              "tombstone: progressed",
              "rotation: progressed",
              "close: progressed",
              "sync: progressed",
              "close unsynced: progressed");
    } finally {
      child.destroyForcibly();
    }
  }
}
