package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A log whose writes and syncs fail, or whose callers are interrupted, on either body. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalFaultsTest extends WalFaultsFixture {
  @Test
  void fault08_interruptedSync_failsTheLog() throws IOException {
    Wal wal = open(database().syncMode(SyncMode.NONE));
    appendUpTo(wal, 1);
    disk.fail(
        Call.SYNC,
        disk.count(Call.SYNC) + 1,
        () -> new FileSystemException(null, null, "sync: Interrupted system call (4)"));

    assertFailed(() -> wal.sync(), Outcome.UNKNOWN);
    int syncs = disk.countOfSyncs();
    assertFailed(() -> wal.appendWithSync(new byte[] {2}), Outcome.NOT_WRITTEN);
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);

    assertThat(disk.countOfSyncs()).as("an interrupted sync is not repeated").isEqualTo(syncs);
    assertHolds(0, 1);
  }

  @Test
  void fault09_writeError_failsTheLog_readsGoOn_reopeningClearsIt() throws IOException {
    Wal wal = open(database());
    for (int i = 1; i <= 3; i++) {
      wal.append(new byte[] {(byte) i});
    }
    failNext(Call.WRITE);

    assertFailed(() -> wal.append(new byte[] {4}), Outcome.UNKNOWN);
    int writes = disk.count(Call.WRITE);
    assertFailed(() -> wal.append(new byte[] {4}), Outcome.NOT_WRITTEN);

    assertThat(disk.count(Call.WRITE)).isEqualTo(writes);
    assertThat(wal.get(3)).isPresent();
    assertThat(wal.get(4)).isEmpty();
    assertThat(wal.stats().failure()).isPresent();
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
    assertHolds(3, 4);
  }

  @Test
  void fault10_syncError_failsTheLog_andNoSyncFollows() throws IOException {
    Wal wal = open(database().syncMode(SyncMode.NONE));
    wal.append(new byte[] {1});
    failNext(Call.SYNC);

    assertFailed(() -> wal.sync(), Outcome.UNKNOWN);
    int syncs = disk.countOfSyncs();
    assertFailed(() -> wal.sync(), Outcome.NOT_WRITTEN);
    assertFailed(() -> wal.appendWithSync(new byte[] {2}), Outcome.NOT_WRITTEN);
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);

    assertThat(disk.countOfSyncs()).isEqualTo(syncs);
    assertHolds(0, 1);
  }

  @Test
  void fault10_everyQueuedWaiter_isToldOfTheFailure() throws IOException {
    Wal wal = open(database());
    wal.append(new byte[] {1}); // with the zeros ahead of it
    disk.failFrom(Call.WRITE, disk.count(Call.WRITE) + 5, FaultyDisk.ioError("write"));
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    for (int i = 2; i <= 100; i++) {
      futures.add(wal.appendAsync(new byte[] {(byte) i}));
      if (i % 10 == 0) {
        futures.get(i - 2).exceptionally(t -> -1L).join();
      }
    }

    long acknowledged = futures.stream().filter(f -> !isFailed(f)).count();

    assertThat(acknowledged).isBetween(1L, 98L);
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
    assertHolds(acknowledged + 1, 100);
  }

  private static boolean isFailed(CompletableFuture<Long> future) {
    return future.handle((index, failure) -> failure != null).join();
  }

  @Test
  void fault12_noSpace_isRefused_andTheLogGoesOn() throws IOException {
    try (Wal wal = open(database().syncMode(SyncMode.NONE))) {
      disk.failFrom(Call.RESERVE, disk.count(Call.RESERVE) + 1, FaultyDisk.diskFull("reserve"));

      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 10; i++) {
                  wal.append(new byte[300_000]);
                }
              })
          .isInstanceOf(NoSpaceException.class);

      disk.heal();
      long last = wal.lastIndex();
      assertThat(wal.append(new byte[300_000])).isEqualTo(last + 1);
    }
  }

  @Test
  void fault34_interruptStorm_hurtsNobody() throws Exception {
    int threads = 4;
    int writes = 150;
    ConcurrentSkipListSet<Long> acknowledged = new ConcurrentSkipListSet<>();
    AtomicInteger running = new AtomicInteger(threads);
    try (Wal wal = open(database().segmentThreshold(50))) {
      List<Thread> writers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        writers.add(
            new Thread(
                () -> {
                  try {
                    for (int i = 0; i < writes; i++) {
                      acknowledged.add(wal.append(new byte[] {1}));
                      assertThat(wal.get(acknowledged.first())).isPresent();
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  } finally {
                    running.decrementAndGet();
                  }
                }));
      }
      writers.forEach(Thread::start);
      while (running.get() > 0) {
        writers.forEach(Thread::interrupt);
        Thread.onSpinWait();
      }
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(acknowledged).hasSize(threads * writes);
      assertThat(wal.stats().failure()).isEmpty();
    }
    try (Wal wal = Wal.open(database().build())) {
      assertThat(wal.size()).isEqualTo(threads * writes);
    }
  }
}
