package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.FakeStore.Hold;
import dev.walnut.FakeStore.Step;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.QueueFullException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is counted and recorded when something takes long, by a clock that only the test moves. */
@Timeout(60)
class HeldUpTest {
  private static final byte[] VALUE = {1};
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path base;

  private final SteppedThreads threads = new SteppedThreads();
  private final FakeStore store = new FakeStore();

  private Wal open(Threads by, UnaryOperator<WalConfig.Builder> settings) throws IOException {
    WalConfig config = settings.apply(WalConfig.builder(base)).build();
    return Wal.open(config, new Internals(store, by));
  }

  private Recorded record() {
    return new Recorded(base.resolve("recording.jfr"));
  }

  private List<RecordedEvent> events(Recorded recorded, String name) throws IOException {
    return recorded.of(name, base.resolve("segment_"));
  }

  @Test
  void fault41_syncOverTheThreshold_isCountedAndRecorded_oneAtItIsNot() throws IOException {
    long[] took = {0};
    store.hook =
        step -> {
          if (step == Step.COMMIT) {
            threads.now += took[0];
          }
        };
    try (Recorded recorded = record()) {
      Wal wal =
          open(threads, c -> c.syncMode(SyncMode.BATCH).slowSyncThreshold(Duration.ofSeconds(2)));
      took[0] = 2 * SECOND;
      wal.append(VALUE);
      took[0] = 2 * SECOND + 1;
      wal.append(VALUE);

      assertThat(wal.stats().slowSyncs()).isEqualTo(1);
      assertThat(wal.stats().syncTimes().count()).isEqualTo(2);
      assertThat(wal.stats().syncTimes().maxNanos()).isEqualTo(2 * SECOND + 1);
      assertThat(wal.stats().lastSyncNanos()).isEqualTo(2 * SECOND + 1);
      assertThat(events(recorded, "Sync")).hasSize(2);
      RecordedEvent slow = events(recorded, "SlowSync").get(0);
      assertThat(events(recorded, "SlowSync")).hasSize(1);
      assertThat(slow.getDuration("syncTime")).isEqualTo(Duration.ofNanos(2 * SECOND + 1));
      assertThat(slow.getLong("durableIndex")).isEqualTo(2);
    }
  }

  @Test
  void fault41_syncUnderWay_showsHowLong() throws IOException {
    Wal wal = open(threads, c -> c.syncMode(SyncMode.BATCH));
    long[] seen = {0};
    store.hook =
        step -> {
          if (step == Step.COMMIT) {
            threads.now += 7 * SECOND;
            seen[0] = wal.stats().runningSyncNanos();
          }
        };

    wal.append(VALUE);

    assertThat(seen[0]).isEqualTo(7 * SECOND);
    assertThat(wal.stats().runningSyncNanos()).isZero();
  }

  @Test
  void syncThatFails_isNotUnderWayAnyMore_andNotCounted() throws IOException {
    Wal wal = open(threads, c -> c.syncMode(SyncMode.BATCH));
    store.failAt(Step.COMMIT, new IOException("EIO"));

    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(LogFailedException.class);
    threads.now += SECOND;

    assertThat(wal.stats().runningSyncNanos()).isZero();
    assertThat(wal.stats().syncTimes().count()).isZero();
  }

  @Test
  void caller_waitingForRoom_isCountedAndRecorded() throws IOException {
    try (Recorded recorded = record();
        Wal wal = open(Threads.REAL, c -> c.writeQueueSize(1))) {
      Hold hold = store.holdAt(Step.COMMIT);
      CompletableFuture<Long> first = wal.appendAsync(VALUE);
      hold.awaitArrival();
      Await.Started<Long> second = Await.start(() -> wal.append(VALUE));
      second.awaitParked();
      assertThat(wal.stats().stalls()).as("not over yet").isZero();

      hold.release();
      first.join();
      second.result();

      assertThat(wal.stats().stalls()).isEqualTo(1);
      assertThat(wal.stats().stalledNanos()).isPositive();
      RecordedEvent stall = events(recorded, "Stall").get(0);
      assertThat(stall.getString("reason")).isEqualTo("queue full");
      assertThat(stall.getThread().getJavaThreadId()).isEqualTo(second.thread().getId());
      assertThat(stall.getStackTrace()).isNotNull();
    }
  }

  @Test
  void caller_interruptedWhileWaiting_isNoStall() throws IOException {
    try (Wal wal = open(Threads.REAL, c -> c.writeQueueSize(1))) {
      Hold hold = store.holdAt(Step.COMMIT);
      CompletableFuture<Long> first = wal.appendAsync(VALUE);
      hold.awaitArrival();
      Await.Started<Long> second = Await.start(() -> wal.append(VALUE));
      second.awaitParked();

      second.thread().interrupt();
      assertThat(second.failure()).isInstanceOf(InterruptedIOException.class);
      hold.release();
      first.join();

      assertThat(wal.stats().stalls()).isZero();
    }
  }

  @Test
  void caller_sentAwayFromAFullQueue_isCounted() throws IOException {
    try (Wal wal = open(Threads.REAL, c -> c.writeQueueSize(1).whenFull(WhenFull.FAIL))) {
      Hold hold = store.holdAt(Step.COMMIT);
      CompletableFuture<Long> first = wal.appendAsync(VALUE);
      hold.awaitArrival();

      assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(QueueFullException.class);
      assertThat(wal.appendAsync(VALUE)).isCompletedExceptionally();
      hold.release();
      first.join();

      assertThat(wal.stats().queueFullRefusals()).isEqualTo(2);
      assertThat(wal.stats().stalls()).isZero();
    }
  }

  @Test
  void batch_waitingForTheHousekeeper_isCountedAndRecorded() throws IOException {
    store.segmentEntriesMax = 1;
    store.choresPerRotation = BatchWriter.CHORES_MAX + 1;
    store.hook =
        step -> {
          if (step == Step.CHORE) {
            threads.now += SECOND;
          }
        };
    try (Recorded recorded = record()) {
      Wal wal = open(threads, c -> c);
      wal.append(VALUE);
      wal.append(VALUE);
      assertThat(wal.stats().housekeeperStalls()).isZero();

      wal.append(VALUE);

      assertThat(wal.stats().housekeeperStalls()).isEqualTo(1);
      assertThat(wal.stats().housekeeperStalledNanos()).isEqualTo(SECOND);
      assertThat(events(recorded, "Stall"))
          .singleElement()
          .satisfies(e -> assertThat(e.getString("reason")).isEqualTo("housekeeper behind"));
    }
  }

  @Test
  void opening_thatTakesLong_isInTheStats() throws IOException {
    StoreOpener slow =
        new StoreOpener() {
          @Override
          public OpenedStore open(WalConfig config) {
            threads.now += 3 * SECOND;
            return store.open(config);
          }

          @Override
          public FakeStore openReadOnly(Path dir, String prefix) {
            throw new AssertionError("not asked for here");
          }
        };

    Wal wal = Wal.open(WalConfig.builder(base).build(), new Internals(slow, threads));

    assertThat(wal.stats().openNanos()).isEqualTo(3 * SECOND);
  }
}
