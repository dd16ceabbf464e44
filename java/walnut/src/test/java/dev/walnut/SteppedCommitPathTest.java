package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.DuplicateIndexException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commit path on one thread and a clock that only the test moves. */
@Timeout(60)
class SteppedCommitPathTest {
  private static final int RUNS = 300;
  private static final int OPERATIONS = 400;

  private final SteppedThreads threads = new SteppedThreads();
  private final FakeStore store = new FakeStore();

  private Wal open(WalConfig.Builder settings) throws IOException {
    return Wal.open(settings.build(), new Internals(store, threads));
  }

  private static WalConfig.Builder settings() {
    return WalConfig.builder(Path.of("log"));
  }

  /** What a run expects of one write. */
  private record Attempt(
      long index, byte[] value, boolean winner, CompletableFuture<Long> future) {}

  @Test
  void run_inAnyOrderOfSteps_givesWhatASimpleMapGives() throws IOException {
    long first = Long.getLong("walnut.seed", new Random().nextLong());
    for (long seed = first; seed < first + RUNS; seed++) {
      try {
        new SteppedCommitPathTest().run(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("reproduce with -Dwalnut.seed=" + seed, e);
      }
    }
  }

  private void run(long seed) throws IOException {
    Random random = new Random(seed);
    SyncMode mode = SyncMode.values()[random.nextInt(SyncMode.values().length)];
    store.segmentEntriesMax = 1 + random.nextInt(20);
    store.choresPerRotation = random.nextInt(3);
    Wal wal =
        open(settings().syncMode(mode).maxBatchSize(random.nextInt(8)).writeQueueSize(OPERATIONS));
    TreeMap<Long, byte[]> model = new TreeMap<>();
    List<Attempt> attempts = new ArrayList<>();

    for (int i = 0; i < OPERATIONS; i++) {
      if (random.nextInt(3) == 0) {
        attempts.add(attempt(wal, model, random));
      } else {
        threads.step(random);
      }
    }
    threads.settle();

    attempts.forEach(SteppedCommitPathTest::check);
    wal.forEach(entry -> assertThat(entry.value()).isEqualTo(model.remove(entry.index())));
    assertThat(model).isEmpty();
    assertThat(wal.stats().queuedRequests()).isZero();
  }

  private static Attempt attempt(Wal wal, TreeMap<Long, byte[]> model, Random random) {
    long index = random.nextInt(100);
    byte[] value = new byte[random.nextInt(50)];
    random.nextBytes(value);
    boolean winner = model.putIfAbsent(index, value) == null;
    CompletableFuture<Long> future =
        random.nextBoolean()
            ? wal.writeAsync(index, "k", value)
            : wal.writeWithSyncAsync(index, "k", value);
    return new Attempt(index, value, winner, future);
  }

  private static void check(Attempt attempt) {
    assertThat(attempt.future).isDone();
    if (attempt.winner) {
      assertThat(attempt.future.join()).isEqualTo(attempt.index);
    } else {
      assertThat(Await.failure(attempt.future)).isInstanceOf(DuplicateIndexException.class);
    }
  }

  @Test
  void futures_areCompletedInTheOrderWritten() throws IOException {
    Wal wal = open(settings());
    List<Long> told = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      wal.appendAsync(new byte[1]).thenAccept(told::add);
    }

    threads.settle();

    assertThat(told).hasSize(500).isSorted();
  }

  @Test
  void mark_afterASync_isWrittenOnceTheLogIsIdle() throws IOException {
    Wal wal = open(settings().syncMode(SyncMode.BATCH));
    wal.append(new byte[1]);
    threads.settle();
    threads.now += LogThread.IDLE_NANOS - 1;
    threads.settle();
    wal.append(new byte[1]);
    threads.now += LogThread.IDLE_NANOS - 1;
    threads.settle();
    assertThat(store.events).as("not idle for long enough").isEmpty();

    threads.now += LogThread.IDLE_NANOS;
    threads.settle();
    threads.now += LogThread.IDLE_NANOS;
    threads.settle();

    assertThat(store.events).containsExactly("mark");
  }

  @Test
  void mark_afterAWriteThatSyncedNothing_isNotWritten() throws IOException {
    Wal wal = open(settings());
    wal.append(new byte[1]);
    threads.settle();

    threads.now += 10 * LogThread.IDLE_NANOS;
    threads.settle();

    assertThat(store.events).isEmpty();
  }

  // ---- how long a batch is kept open

  private static final long SYNC = 1_000_000;

  @Test
  void delay_inABatchMode_isAtMostHalfTheLastSync() {
    BatchPolicy policy = policy(SyncMode.BATCH, Duration.ofMillis(10));

    assertThat(policy.delayNanos(/* expected= */ 4, /* queued= */ 1, SYNC)).isEqualTo(SYNC / 2);
    assertThat(policy.delayNanos(4, 1, 100 * SYNC)).isEqualTo(10_000_000);
  }

  @Test
  void delay_ofALoneCallerOrAFullBatchOrWithoutSyncs_isNone() {
    assertThat(policy(SyncMode.BATCH, Duration.ofMillis(10)).delayNanos(1, 1, SYNC)).isZero();
    assertThat(policy(SyncMode.BATCH, Duration.ofMillis(10)).delayNanos(4, 4, SYNC)).isZero();
    assertThat(policy(SyncMode.NONE, Duration.ofMillis(10)).delayNanos(4, 1, SYNC)).isZero();
    assertThat(policy(SyncMode.EVERY_WRITE, Duration.ofMillis(10)).delayNanos(4, 1, SYNC)).isZero();
    assertThat(policy(SyncMode.BATCH, Duration.ZERO).delayNanos(4, 1, SYNC)).isZero();
  }

  private static BatchPolicy policy(SyncMode mode, Duration delay) {
    return new BatchPolicy(settings().syncMode(mode).maxBatchDelay(delay).build());
  }

  @Test
  void batch_keptOpenForCallersJustAcknowledged_takesThemAndWaitsNoLonger() throws IOException {
    Wal wal = open(settings().syncMode(SyncMode.BATCH));
    store.hook =
        step -> {
          if (step == FakeStore.Step.COMMIT) {
            threads.now += SYNC;
          }
        };
    Await.Started<Void> pair = twoCallersInOneBatch(wal);
    List<CompletableFuture<Long>> back = new ArrayList<>();
    threads.onGiveWay =
        () -> {
          if (back.size() < 2) {
            back.add(wal.appendAsync(new byte[1]));
          }
        };
    back.add(wal.appendAsync(new byte[1]));
    long before = threads.now;

    threads.settle();

    pair.result();
    assertThat(store.batches.get(store.batches.size() - 1).size()).isEqualTo(2);
    assertThat(threads.now - before - SYNC).isLessThan(SYNC / 2);
  }

  @Test
  void batch_keptOpenForCallersThatStayAway_waitsHalfASyncOnce() throws IOException {
    Wal wal = open(settings().syncMode(SyncMode.BATCH));
    store.hook =
        step -> {
          if (step == FakeStore.Step.COMMIT) {
            threads.now += SYNC;
          }
        };
    twoCallersInOneBatch(wal).result();
    wal.appendAsync(new byte[1]);
    long before = threads.now;

    threads.settle();
    long waited = threads.now - before - SYNC;
    wal.appendAsync(new byte[1]);
    before = threads.now;
    threads.settle();

    assertThat(waited).isBetween(SYNC / 2, SYNC / 2 + 1000);
    assertThat(threads.now - before).isEqualTo(SYNC);
  }

  /** Has two blocking callers share a batch behind an asynchronous write. */
  private Await.Started<Void> twoCallersInOneBatch(Wal wal) {
    wal.appendAsync(new byte[1]); // the log thread has the token, and does not run yet
    List<Await.Started<Long>> callers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      callers.add(Await.start(() -> wal.append(new byte[1])));
    }
    Await.until(() -> wal.stats().queuedRequests() == 3);
    threads.settle();
    callers.forEach(Await.Started::result);
    return Await.start(() -> null);
  }
}
