package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.FakeStore.Hold;
import dev.walnut.FakeStore.Step;
import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.exception.QueueFullException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When writes are batched, told and refused, over a store that can be held and made to fail. */
@Timeout(60)
class CommitPathTest {
  private static final byte[] VALUE = {1, 2, 3};

  private final FakeStore store = new FakeStore();
  private Wal wal;

  private Wal open(UnaryOperator<WalConfig.Builder> settings) throws IOException {
    WalConfig config = settings.apply(WalConfig.builder(Path.of("log"))).build();
    wal = Wal.open(config, new Internals(store, Threads.REAL));
    return wal;
  }

  private Wal open(SyncMode mode) throws IOException {
    return open(settings -> settings.syncMode(mode).maxBatchDelay(Duration.ZERO));
  }

  @AfterEach
  void close() throws IOException {
    store.hook = step -> {};
    if (wal != null) {
      try {
        wal.close();
      } catch (LogFailedException e) {
        assertThat(wal.stats().failure()).isPresent();
      }
      assertThat(store.closed).isTrue();
    }
  }

  private void awaitQueued(int requests) {
    Await.until(() -> wal.stats().queuedRequests() >= requests);
  }

  private List<Integer> batchSizes() {
    return store.batches.stream().map(FakeStore.Batch::size).toList();
  }

  // ---- batches

  @Test
  void write_alone_isOneBatchOnTheCallersThread() throws IOException {
    open(SyncMode.BATCH);
    List<Thread> threads = new ArrayList<>();
    store.hook =
        step -> {
          if (step == Step.COMMIT) {
            threads.add(Thread.currentThread());
          }
        };

    assertThat(wal.write(7, "key", VALUE)).isEqualTo(7);

    assertThat(threads).containsExactly(Thread.currentThread());
    assertThat(store.batches).singleElement().matches(FakeStore.Batch::durable);
    assertThat(wal.get(7)).contains(WalEntry.of(7, "key", VALUE));
  }

  @Test
  void write_duringASync_sharesTheNextBatch() throws IOException {
    open(SyncMode.BATCH);
    Hold hold = store.holdAt(Step.COMMIT);
    Await.Started<Long> leader = Await.start(() -> wal.append(VALUE));
    hold.awaitArrival();
    List<Await.Started<Long>> followers =
        IntStream.range(0, 8).mapToObj(i -> Await.start(() -> wal.append(VALUE))).toList();
    awaitQueued(8);

    hold.release();

    assertThat(leader.result()).isEqualTo(1);
    assertThat(followers.stream().map(Await.Started::result).sorted().toList())
        .containsExactlyElementsOf(LongStream.rangeClosed(2, 9).boxed().toList());
    assertThat(batchSizes()).containsExactly(1, 8);
  }

  @Test
  void appendAsync_thousandInFlightWithDefaultSettings_putsAtLeastFiftyIntoAWrite()
      throws IOException {
    open(settings -> settings);
    Hold hold = store.holdAt(Step.COMMIT);
    List<CompletableFuture<Long>> futures = new ArrayList<>();

    futures.add(wal.appendAsync(VALUE));
    hold.awaitArrival();
    for (int i = 1; i < 1000; i++) {
      futures.add(wal.appendAsync(VALUE));
    }
    hold.release();
    futures.forEach(CompletableFuture::join);

    assertThat(wal.stats().entriesPerBatch()).isGreaterThanOrEqualTo(50);
    assertThat(wal.stats().entriesPerBatchMax()).isEqualTo(100);
    assertThat(futures.stream().map(CompletableFuture::join).toList())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 1000).boxed().toList());
  }

  @Test
  void batch_everyWrite_syncsEachAlone() throws IOException {
    open(SyncMode.EVERY_WRITE);
    List<CompletableFuture<Long>> futures = new ArrayList<>();

    for (int i = 0; i < 20; i++) {
      futures.add(wal.appendAsync(VALUE));
    }
    futures.forEach(CompletableFuture::join);

    assertThat(batchSizes()).hasSize(20).containsOnly(1);
    assertThat(store.batches).allMatch(FakeStore.Batch::durable);
  }

  @Test
  void batch_none_syncsOnlyWhereAsked() throws IOException {
    open(SyncMode.NONE);

    wal.append(VALUE);
    wal.appendWithSync(VALUE);
    wal.appendAsync(VALUE).join();
    wal.appendWithSyncAsync(VALUE).join();

    assertThat(store.batches.stream().map(FakeStore.Batch::durable).toList())
        .containsExactly(false, true, false, true);
  }

  @Test
  void batch_mixedPromises_syncsOnceForAll() throws IOException {
    open(SyncMode.NONE);
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> first = wal.appendAsync(VALUE);
    hold.awaitArrival();
    CompletableFuture<Long> plain = wal.appendAsync(VALUE);
    CompletableFuture<Long> synced = wal.appendWithSyncAsync(VALUE);
    hold.release();

    CompletableFuture.allOf(first, plain, synced).join();

    assertThat(batchSizes()).containsExactly(1, 2);
    assertThat(store.batches.get(1).durable()).isTrue();
    assertThat(wal.durableIndex()).isEqualTo(3);
  }

  @Test
  void batch_limitByBytes_isKept() throws IOException {
    open(settings -> settings.maxBatchBytes(4096));
    Hold hold = store.holdAt(Step.COMMIT);
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    futures.add(wal.appendAsync(VALUE));
    hold.awaitArrival();
    for (int i = 0; i < 10; i++) {
      futures.add(wal.appendAsync(new byte[1000]));
    }
    futures.add(wal.appendAsync(new byte[100_000]));
    hold.release();

    futures.forEach(CompletableFuture::join);

    assertThat(batchSizes()).containsExactly(1, 3, 3, 3, 1, 1);
  }

  @Test
  void sync_nothingWritten_returnsTheDurableIndexAndMarks() throws IOException {
    open(SyncMode.NONE);
    wal.append(VALUE);

    assertThat(wal.sync()).isEqualTo(1);

    assertThat(wal.durableIndex()).isEqualTo(1);
    assertThat(store.events).contains("mark");
  }

  // ---- refusals

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void write_twoCallersOneIndexOneBatch_oneWinsAndNobodyIsToldBeforeTheCommit(
      boolean winnerAsync, boolean loserAsync) throws IOException {
    open(SyncMode.BATCH);
    Hold first = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> leader = wal.writeAsync(1, "", VALUE);
    first.awaitArrival();
    CompletableFuture<Long> winner = write(winnerAsync, 5);
    awaitQueued(2);
    CompletableFuture<Long> loser = write(loserAsync, 5);
    awaitQueued(3);
    CompletableFuture<Long> neighbour = wal.writeAsync(6, "", VALUE);
    Hold second = store.holdAt(Step.COMMITTED);
    first.release();
    second.awaitArrival();

    assertThat(winner).isNotDone();
    assertThat(loser).isNotDone();
    second.release();

    assertThat(leader.join()).isEqualTo(1);
    assertThat(winner.join()).isEqualTo(5);
    assertThat(neighbour.join()).isEqualTo(6);
    assertThat(Await.failure(loser)).isInstanceOf(DuplicateIndexException.class);
    assertThat(batchSizes().stream().mapToInt(size -> size).sum()).isEqualTo(3);
  }

  private CompletableFuture<Long> write(boolean async, long index) {
    return async
        ? wal.writeAsync(index, "", VALUE)
        : Await.start(() -> wal.write(index, "", VALUE)).outcome();
  }

  @Test
  void write_refused_leavesNothingAndFailsNoNeighbour() throws IOException {
    open(SyncMode.BATCH);
    wal.write(3, "", VALUE);

    assertThatThrownBy(() -> wal.write(3, "", new byte[9]))
        .isInstanceOf(DuplicateIndexException.class);
    assertThatThrownBy(
            () -> wal.write(new WriteBatch().put(8, "", VALUE).put(9, "", VALUE).put(8, "", VALUE)))
        .isInstanceOf(DuplicateIndexException.class);

    assertThat(wal.contains(8)).isFalse();
    assertThat(wal.size()).isEqualTo(1);
    assertThat(wal.append(VALUE)).isEqualTo(4);
  }

  @Test
  void write_sequential_startsAtOneAndRefusesGaps() throws IOException {
    open(settings -> settings.indexOrder(IndexOrder.SEQUENTIAL));

    assertThatThrownBy(() -> wal.write(2, "", VALUE))
        .isInstanceOfSatisfying(
            NonSequentialIndexException.class, e -> assertThat(e.expected()).isEqualTo(1));
    assertThat(wal.write(new WriteBatch().put(2, "", VALUE).put(1, "", VALUE))).isEqualTo(2);
    assertThat(wal.append(new WriteBatch().add(VALUE).add("k", VALUE))).isEqualTo(4);
    assertThat(wal.lastIndex()).isEqualTo(4);
  }

  // ---- failure

  @ParameterizedTest
  @EnumSource(names = {"FITS", "SAVEPOINT", "ADD", "COMMIT", "ROTATE", "TAKE_CHORE", "CHORE"})
  void failure_anyThrowableAtAnyStep_latchesAndWakesEveryWaiter(Step step) throws IOException {
    for (Throwable cause :
        List.of(
            new IOException("io"), new IllegalStateException("bug"), new StackOverflowError())) {
      boolean checked = step == Step.COMMIT || step == Step.CHORE;
      if (cause instanceof IOException && !checked) {
        continue;
      }
      failureLatches(step, cause);
    }
  }

  private void failureLatches(Step step, Throwable cause) throws IOException {
    FakeStore failing = new FakeStore();
    failing.segmentEntriesMax = 1;
    failing.choresPerRotation = 1;
    WalConfig config = WalConfig.forDatabase(Path.of("log")).build();
    Wal log = Wal.open(config, new Internals(failing, Threads.REAL));
    log.append(VALUE);
    CompletableFuture<Long> durable = log.whenDurable(1_000_000);
    CountDownLatch queued = new CountDownLatch(1);
    failing.hook =
        at -> {
          if (at == step) {
            await(queued);
            FakeStore.<RuntimeException>sneak(cause);
          }
        };
    List<Await.Started<Long>> callers =
        IntStream.range(0, 4).mapToObj(i -> Await.start(() -> writeUntilFailure(log))).toList();
    List<CompletableFuture<Long>> futures =
        IntStream.range(0, 4).mapToObj(i -> log.appendAsync(VALUE)).toList();
    queued.countDown();

    for (Await.Started<Long> caller : callers) {
      assertThat(caller.failure())
          .isInstanceOfSatisfying(
              LogFailedException.class, e -> assertThat(e.getCause()).isSameAs(cause));
    }
    futures.forEach(Await::failure);
    assertThat(Await.failure(durable)).isInstanceOf(LogFailedException.class);
    assertThat(log.stats().failure()).containsSame(cause);
    assertThat(log.get(1)).isPresent();
    assertThatThrownBy(() -> log.append(VALUE))
        .isInstanceOfSatisfying(
            LogFailedException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_WRITTEN));
    assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
    assertThat(failing.events).doesNotContain("finish").contains("close");
  }

  private static long writeUntilFailure(Wal log) throws IOException {
    while (true) {
      log.append(VALUE);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void failure_ofACommit_isUnknownForItsBatchAndNotWrittenForTheRest() throws IOException {
    open(SyncMode.BATCH);
    IOException cause = new IOException("EIO");
    CountDownLatch queued = new CountDownLatch(1);
    CountDownLatch arrived = new CountDownLatch(1);
    store.hook =
        step -> {
          if (step == Step.COMMIT) {
            arrived.countDown();
            await(queued);
            throw cause;
          }
        };

    CompletableFuture<Long> inBatch = wal.appendAsync(VALUE);
    await(arrived);
    CompletableFuture<Long> behind = wal.appendAsync(VALUE);
    Await.Started<Long> sync = Await.start(wal::sync);
    sync.awaitParked();
    queued.countDown();

    assertThat(outcome(Await.failure(inBatch))).isEqualTo(Outcome.UNKNOWN);
    assertThat(outcome(Await.failure(behind))).isEqualTo(Outcome.NOT_WRITTEN);
    assertThat(outcome(sync.failure())).isEqualTo(Outcome.NOT_WRITTEN);
    assertThat(store.batches).isEmpty();
  }

  private static Outcome outcome(Throwable failure) {
    assertThat(failure).isInstanceOf(LogFailedException.class);
    return ((LogFailedException) failure).outcome();
  }

  @Test
  void add_outOfMemory_refusesThatEntryAlone() throws IOException {
    open(SyncMode.BATCH);
    OutOfMemoryError error = new OutOfMemoryError("direct memory");
    store.failAt(Step.ADD, error);

    assertThatThrownBy(() -> wal.append(VALUE)).isSameAs(error);
    assertThat(Await.failure(wal.appendAsync(VALUE))).isSameAs(error);

    store.hook = step -> {};
    assertThat(wal.append(VALUE)).isEqualTo(1);
    assertThat(wal.stats().failure()).isEmpty();
  }

  @Test
  void commit_outOfMemory_failsTheLog() throws IOException {
    open(SyncMode.BATCH);
    store.failAt(Step.COMMIT, new OutOfMemoryError("heap"));

    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(LogFailedException.class);

    assertThat(wal.stats().failure()).isPresent();
  }

  @ParameterizedTest
  @EnumSource(names = {"COMMIT", "ROTATE"})
  void noSpace_refusesTheBatchAndAllQueuedBehindIt_thenTheLogGoesOn(Step step) throws IOException {
    open(SyncMode.BATCH);
    wal.append(VALUE);
    store.segmentEntriesMax = step == Step.ROTATE ? 1 : Integer.MAX_VALUE;
    CountDownLatch queued = new CountDownLatch(1);
    CountDownLatch arrived = new CountDownLatch(1);
    AtomicBoolean full = new AtomicBoolean(true);
    store.hook =
        at -> {
          if (at == step && full.get()) {
            arrived.countDown();
            await(queued);
            throw new NoSpaceException("virtual disk full", null);
          }
        };

    Await.Started<Long> leader = Await.start(() -> wal.append(VALUE));
    await(arrived);
    List<CompletableFuture<Long>> behind =
        IntStream.range(0, 200).mapToObj(i -> wal.appendAsync(VALUE)).toList();
    Await.Started<Long> caller = Await.start(() -> wal.append(VALUE));
    caller.awaitParked();
    full.set(true);
    queued.countDown();

    assertThat(leader.failure()).isInstanceOf(NoSpaceException.class);
    assertThat(caller.failure()).isInstanceOf(NoSpaceException.class);
    behind.forEach(f -> assertThat(Await.failure(f)).isInstanceOf(NoSpaceException.class));
    full.set(false);
    assertThat(wal.append(VALUE)).isEqualTo(2);
    assertThat(wal.stats().failure()).isEmpty();
    assertThat(wal.stats().queuedRequests()).isZero();
    assertThat(wal.stats().queuedBytes()).isZero();
  }

  // ---- room

  @Test
  void queue_fullAndFailing_refusesThroughExceptionAndFuture() throws IOException {
    open(settings -> settings.writeQueueSize(2).whenFull(WhenFull.FAIL));
    Hold hold = store.holdAt(Step.COMMIT);
    List<CompletableFuture<Long>> accepted = new ArrayList<>();
    accepted.add(wal.appendAsync(VALUE));
    accepted.add(wal.appendAsync(VALUE));
    hold.awaitArrival();

    CompletableFuture<Long> refused = wal.appendAsync(VALUE);
    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(QueueFullException.class);
    hold.release();

    assertThat(Await.failure(refused)).isInstanceOf(QueueFullException.class);
    accepted.forEach(CompletableFuture::join);
    Await.until(() -> wal.stats().queuedRequests() == 0);
    assertThat(wal.size()).isEqualTo(2);
  }

  @Test
  void queue_fullAndInterrupted_writesNothing() throws IOException {
    open(settings -> settings.writeQueueBytes(10));
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> accepted = wal.appendAsync(new byte[10]);
    hold.awaitArrival();
    Await.Started<Boolean> waiting =
        Await.start(
            () -> {
              assertThatThrownBy(() -> wal.append(VALUE))
                  .isInstanceOf(InterruptedIOException.class);
              return Thread.interrupted();
            });
    Await.Started<Throwable> second = Await.start(() -> Await.failure(wal.appendAsync(VALUE)));
    waiting.awaitParked();
    second.awaitParked();

    waiting.thread().interrupt();
    assertThat(waiting.result()).isTrue();
    second.thread().interrupt();
    assertThat(second.result()).isInstanceOf(InterruptedIOException.class);
    hold.release();

    accepted.join();
    assertThat(wal.size()).isEqualTo(1);
  }

  @Test
  void queue_full_makesAsyncCallsWaitForRoom() throws IOException {
    open(settings -> settings.writeQueueSize(4).maxBatchSize(2));

    List<CompletableFuture<Long>> futures = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      futures.add(wal.appendAsync(VALUE));
      assertThat(wal.stats().queuedRequests()).isLessThanOrEqualTo(4);
    }

    futures.forEach(CompletableFuture::join);
    assertThat(wal.size()).isEqualTo(1000);
  }

  @Test
  void queue_requestLargerThanAllBytes_getsInAlone() throws IOException {
    open(settings -> settings.writeQueueBytes(10));

    assertThat(wal.appendAsync(new byte[1000]).join()).isEqualTo(1);
    assertThat(wal.appendAsync(new byte[1000]).join()).isEqualTo(2);
  }

  // ---- interrupts

  @Test
  void interruptStorm_overWrites_changesNoOutcome() throws Exception {
    open(SyncMode.BATCH);
    AtomicBoolean over = new AtomicBoolean();
    List<Await.Started<Integer>> writers =
        IntStream.range(0, 4).mapToObj(i -> Await.start(() -> writeInterrupted(500))).toList();
    Await.Started<Void> storm =
        Await.start(
            () -> {
              while (!over.get()) {
                writers.forEach(writer -> writer.thread().interrupt());
              }
              return null;
            });

    int written = writers.stream().mapToInt(Await.Started::result).sum();
    over.set(true);
    storm.result();

    assertThat(wal.size()).isEqualTo(written);
    assertThat(wal.stats().failure()).isEmpty();
  }

  private int writeInterrupted(int times) throws IOException {
    int written = 0;
    for (int i = 0; i < times; i++) {
      wal.append(VALUE);
      written++;
    }
    return written;
  }

  @Test
  void write_interruptedWhileQueued_keepsTheStatusAndAwaitsItsOutcome() throws IOException {
    open(SyncMode.BATCH);
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> leader = wal.appendAsync(VALUE);
    hold.awaitArrival();
    Await.Started<Boolean> caller =
        Await.start(
            () -> {
              assertThat(wal.append(VALUE)).isEqualTo(2);
              return Thread.interrupted();
            });
    caller.awaitParked();
    caller.thread().interrupt();

    assertThat(caller.outcome()).isNotDone();
    hold.release();

    assertThat(caller.result()).isTrue();
    assertThat(leader.join()).isEqualTo(1);
  }

  // ---- callbacks

  @Test
  void callback_blocking_delaysNoWriterSyncOrClose() throws IOException {
    open(SyncMode.BATCH);
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> first = wal.appendAsync(VALUE);
    CompletableFuture<Void> slow =
        first.thenRun(
            () -> {
              blocked.countDown();
              await(release);
            });
    hold.release();
    await(blocked);
    CompletableFuture<Long> later = wal.appendAsync(VALUE);

    wal.append(VALUE);
    wal.sync();
    wal.close();

    assertThat(later).isNotDone();
    release.countDown();
    assertThat(later.join()).isEqualTo(2);
    slow.join();
  }

  @Test
  void callback_throwingAnError_reachesOnlyItsOwnFuture() throws IOException {
    open(SyncMode.BATCH);
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> first = wal.appendAsync(VALUE);
    CompletableFuture<Void> failing =
        first.thenRun(
            () -> {
              throw new StackOverflowError("callback");
            });
    hold.release();

    assertThat(Await.failure(failing)).hasRootCauseInstanceOf(StackOverflowError.class);
    assertThat(wal.appendAsync(VALUE).join()).isEqualTo(2);
    assertThat(wal.stats().failure()).isEmpty();
  }

  @Test
  void callback_executor_runsThemInOrder_evenIfItRefuses() throws IOException {
    List<Long> told = new CopyOnWriteArrayList<>();
    AtomicBoolean refusing = new AtomicBoolean();
    open(
        settings ->
            settings.callbackExecutor(
                task -> {
                  if (refusing.get()) {
                    throw new RejectedExecutionException("shut down");
                  }
                  new Thread(task).start();
                }));
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (boolean refuses : new boolean[] {false, true}) {
      refusing.set(refuses);
      Hold hold = store.holdAt(Step.COMMIT);
      for (int i = 0; i < 150; i++) {
        futures.add(wal.appendAsync(VALUE).thenAccept(told::add));
      }
      hold.release();
      futures.forEach(CompletableFuture::join);
    }

    assertThat(told).containsExactlyElementsOf(LongStream.rangeClosed(1, 300).boxed().toList());
  }

  @Test
  void future_cancelled_changesNothingInTheLog() throws IOException {
    open(SyncMode.BATCH);
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> first = wal.appendAsync(VALUE);
    hold.awaitArrival();
    CompletableFuture<Long> cancelled = wal.appendAsync(VALUE);
    CompletableFuture<Long> completed = wal.appendAsync(VALUE);
    cancelled.cancel(true);
    completed.complete(77L);
    hold.release();

    first.join();
    assertThat(wal.append(VALUE)).isEqualTo(4);
    assertThat(wal.size()).isEqualTo(4);
  }

  // ---- durable

  @Test
  void whenDurable_endsWithTheSyncThatCoversIt_orWithTheLog() throws IOException {
    open(SyncMode.NONE);
    CompletableFuture<Long> first = wal.whenDurable(1);
    CompletableFuture<Long> never = wal.whenDurable(9);
    wal.append(VALUE);
    assertThat(first).isNotDone();

    wal.sync();

    assertThat(first.join()).isEqualTo(1);
    assertThat(wal.whenDurable(1).join()).isEqualTo(1);
    wal.append(VALUE);
    CompletableFuture<Long> second = wal.whenDurable(2);
    wal.close();
    assertThat(second.join()).as("closing syncs").isEqualTo(2);
    assertThat(Await.failure(never)).isInstanceOf(LogClosedException.class);
    assertThat(Await.failure(wal.whenDurable(9))).isInstanceOf(LogClosedException.class);
  }

  // ---- background work

  @Test
  void rotation_choresLag_isBounded() throws IOException {
    open(SyncMode.NONE);
    store.segmentEntriesMax = 1;
    store.choresPerRotation = 1;
    Hold hold = store.holdAt(Step.CHORE);
    Await.Started<Integer> writer = Await.start(() -> writeInterrupted(100));
    hold.awaitArrival();

    Await.until(() -> wal.stats().choresPending() == BatchWriter.CHORES_MAX + 1);
    assertThat(writer.outcome()).isNotDone();
    assertThat(wal.stats().rotations()).isEqualTo(BatchWriter.CHORES_MAX + 1);
    hold.release();

    assertThat(writer.result()).isEqualTo(100);
  }

  // ---- closing

  @Test
  void close_drains_thenRefuses() throws IOException {
    open(SyncMode.NONE);
    Hold hold = store.holdAt(Step.COMMIT);
    List<CompletableFuture<Long>> futures =
        IntStream.range(0, 300).mapToObj(i -> wal.appendAsync(VALUE)).toList();
    hold.awaitArrival();
    Await.Started<Void> closer =
        Await.start(
            () -> {
              wal.close();
              return null;
            });
    closer.awaitParked();
    hold.release();
    closer.result();
    wal.close();

    futures.forEach(CompletableFuture::join);
    assertThat(store.events).containsExactly("sync", "finish", "close");
    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(LogClosedException.class);
    assertThatThrownBy(() -> wal.get(1)).isInstanceOf(LogClosedException.class);
    assertThatThrownBy(wal::sync).isInstanceOf(LogClosedException.class);
    assertThat(Await.failure(wal.appendAsync(VALUE))).isInstanceOf(LogClosedException.class);
    assertThat(wal.stats().entries()).isEqualTo(300);
  }

  @Test
  void close_racingEverything_endsEachWriteExactlyOnce() throws IOException {
    for (int round = 0; round < 200; round++) {
      closeRaces();
    }
  }

  private void closeRaces() throws IOException {
    FakeStore racing = new FakeStore();
    WalConfig config = WalConfig.builder(Path.of("log")).writeQueueSize(8).build();
    Wal log = Wal.open(config, new Internals(racing, Threads.REAL));
    List<Await.Started<Integer>> started = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      started.add(Await.start(() -> appendUntilClosed(log)));
      started.add(Await.start(() -> appendAsyncUntilClosed(log)));
    }
    Await.Started<Void> reader =
        Await.start(
            () -> {
              readUntilClosed(log);
              return null;
            });
    Await.until(() -> racing.size() > 50);
    Await.Started<Void> other =
        Await.start(
            () -> {
              log.close();
              return null;
            });

    log.close();

    other.result();
    reader.result();
    int acknowledged = started.stream().mapToInt(Await.Started::result).sum();
    assertThat(racing.size()).isEqualTo(acknowledged);
  }

  private static int appendUntilClosed(Wal log) throws IOException {
    for (int written = 0; ; written++) {
      try {
        log.append(VALUE);
      } catch (LogClosedException e) {
        return written;
      }
    }
  }

  private static int appendAsyncUntilClosed(Wal log) {
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    CompletableFuture<Long> last;
    do {
      last = log.appendAsync(VALUE);
      futures.add(last);
    } while (!last.isCompletedExceptionally());
    int written = 0;
    for (CompletableFuture<Long> future : futures) {
      Throwable failure = Await.failure(future);
      if (failure == null) {
        written++;
      } else {
        assertThat(failure).isInstanceOf(LogClosedException.class);
      }
    }
    return written;
  }

  private static void readUntilClosed(Wal log) throws IOException {
    try {
      while (true) {
        log.get(1);
        log.cursor(1).next();
      }
    } catch (LogClosedException e) {
      // as it should
    }
  }
}
