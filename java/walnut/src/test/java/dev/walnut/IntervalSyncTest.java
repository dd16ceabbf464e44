package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.FakeStore.Step;
import dev.walnut.exception.LogFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Syncs in time after the first unsynced entry, on a clock that only the test moves. */
@Timeout(60)
class IntervalSyncTest {
  private static final byte[] VALUE = {1};
  private static final long INTERVAL = 250_000_000;

  private final SteppedThreads threads = new SteppedThreads();
  private final FakeStore store = new FakeStore();

  private Wal open(SyncMode mode) throws IOException {
    WalConfig config =
        WalConfig.builder(Path.of("log"))
            .syncMode(mode)
            .syncInterval(Duration.ofNanos(INTERVAL))
            .build();
    return Wal.open(config, new Internals(store, threads));
  }

  private long syncs() {
    return store.counts().syncs();
  }

  /** Lets time pass, and everybody do what is due then. */
  private void pass(long nanos) {
    threads.now += nanos;
    threads.settle();
  }

  @Test
  void sync_isMadeAnIntervalAfterTheFirstUnsyncedEntry_whateverFollowsIt() throws IOException {
    Wal wal = open(SyncMode.INTERVAL);
    pass(10 * INTERVAL); // an old log, a young entry
    wal.append(VALUE);
    assertThat(syncs()).as("acknowledged as in NONE").isZero();
    pass(INTERVAL - 2);
    wal.append(VALUE);
    pass(1);
    assertThat(syncs()).isZero();

    pass(1);

    assertThat(syncs()).isEqualTo(1);
    assertThat(wal.durableIndex()).isEqualTo(2);
    assertThat(store.batches).last().matches(FakeStore.Batch::durable);
  }

  @Test
  void sync_isMadeOncePerInterval_andNotWhereNothingIsUnsynced() throws IOException {
    Wal wal = open(SyncMode.INTERVAL);
    wal.append(VALUE);
    pass(INTERVAL);

    for (int i = 0; i < 10; i++) {
      pass(INTERVAL);
    }

    assertThat(syncs()).isEqualTo(1);
    wal.append(VALUE);
    pass(INTERVAL - 1);
    assertThat(syncs()).as("the interval runs from the entry").isEqualTo(1);
    pass(1);
    assertThat(syncs()).isEqualTo(2);
  }

  @Test
  void sync_askedForMeanwhile_takesTheEntriesBeforeItOffTheClock() throws IOException {
    Wal wal = open(SyncMode.INTERVAL);
    wal.append(VALUE);
    pass(INTERVAL / 2);
    wal.appendWithSync(VALUE);
    pass(INTERVAL / 4);
    wal.append(VALUE);
    pass(INTERVAL - 1);
    assertThat(syncs()).isEqualTo(1);

    pass(1);

    assertThat(syncs()).isEqualTo(2);
  }

  @Test
  void sync_whileItWaitsItsTurn_isNotAskedForAgain() throws IOException {
    Wal wal = open(SyncMode.INTERVAL);
    wal.append(VALUE);
    FakeStore.Hold hold = store.holdAt(Step.COMMIT);
    Await.Started<Long> holder = Await.start(() -> wal.append(VALUE));
    hold.awaitArrival();
    threads.now += INTERVAL;
    for (int i = 0; i < 5; i++) {
      threads.workers.get(0).step();
    }

    hold.release();

    assertThat(holder.result()).isEqualTo(2);
    threads.settle();
    assertThat(syncs()).isEqualTo(1);
    assertThat(wal.stats().requests()).as("two writes, one sync").isEqualTo(3);
  }

  @Test
  void restOfTheLogThread_isNoLongerThanTheInterval() throws IOException {
    Wal wal = open(SyncMode.INTERVAL);
    LogThread logThread = (LogThread) threads.workers.get(0);
    assertThat(logThread.restNanos()).isEqualTo(LogThread.LOOK_NANOS);

    wal.append(VALUE);

    assertThat(logThread.restNanos()).isEqualTo(INTERVAL);
    threads.now += INTERVAL / 2;
    assertThat(logThread.restNanos()).isEqualTo(INTERVAL / 2);
    threads.now += INTERVAL;
    assertThat(logThread.restNanos()).isEqualTo(1);
  }

  @Test
  void failedSync_failsTheLog_andIsNotRepeated() throws IOException {
    Wal wal = open(SyncMode.INTERVAL);
    wal.append(VALUE);
    CompletableFuture<Long> durable = wal.whenDurable(1);
    IOException cause = new IOException("EIO");
    int[] syncs = {0};
    store.hook =
        step -> {
          if (step == Step.SYNC) {
            syncs[0]++;
            throw cause;
          }
        };

    pass(INTERVAL);

    assertThat(wal.stats().failure()).contains(cause);
    assertThat(Await.failure(durable)).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(LogFailedException.class);
    long requests = wal.stats().requests();
    for (int i = 0; i < 5; i++) {
      pass(INTERVAL);
    }
    assertThat(syncs[0]).isEqualTo(1);
    assertThat(wal.stats().requests()).isEqualTo(requests);
    assertThat(wal.get(1)).isPresent();
  }

  @Test
  void slowSync_isCountedAndLeavesNothingUnsynced() throws IOException {
    Wal wal = open(SyncMode.INTERVAL);
    wal.append(VALUE);
    CompletableFuture<Long> durable = wal.whenDurable(1);
    store.hook =
        step -> {
          if (step == Step.SYNC) {
            threads.now += 2_000_000_000;
          }
        };

    pass(INTERVAL);

    assertThat(durable).isCompletedWithValue(1L);
    assertThat(wal.stats().slowSyncs()).isEqualTo(1);
    assertThat(wal.stats().lastSyncNanos()).isEqualTo(2_000_000_000);
  }

  @Test
  void otherModes_syncNothingByTheClock() throws IOException {
    Wal wal = open(SyncMode.NONE);
    wal.append(VALUE);

    pass(10 * INTERVAL);

    assertThat(syncs()).isZero();
  }
}
