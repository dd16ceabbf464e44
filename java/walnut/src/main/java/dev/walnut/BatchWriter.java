package dev.walnut;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Turns queued requests into one batch of the store. Everything here belongs to the token's holder;
 * it knows nothing of who that is.
 */
final class BatchWriter {
  /*
   * Order. Requests are taken, added, written, synced, and their outcomes settled, never two batches
   * at a time. What comes of a batch is one chain for the holder to tell, oldest first, and one that
   * goes to the completion thread, in order over all batches. Both are cut here, under the token;
   * the telling happens after the token was handed over.
   *
   * Refusals. A request that the store refuses is rolled back and ends with the batch, since what it
   * collided with may be in that batch and become durable only now. If the batch fails, so does it:
   * it was not written, whatever became of the other.
   *
   * No space. The batch was not written, and everything queued behind it at that moment is refused
   * too: who sent ten writes in a row must not find the third missing and the fourth there.
   *
   * Failure. Any other throwable, an Error too, fails the log. Requests of a batch that was handed
   * to the disk end with an unknown outcome, all others were not written. This path allocates
   * nothing; failures are created by those who are told.
   *
   * Memory. If adding an entry runs out of memory, nothing was handed to the disk, and that request
   * alone is refused.
   */
  static final int CHORES_MAX = 16;

  private static final System.Logger LOGGER = System.getLogger(BatchWriter.class.getName());

  private final EntryStore store;
  private final RequestQueue queue;
  private final BatchPolicy policy;
  private final Room room;
  private final FailureLatch latch;
  private final Housekeeper housekeeper;
  private final Completions completions;
  private final Threads threads;
  private final long slowSyncNanos;
  private final Counters counters = new Counters();

  private boolean closed;

  // The batch in the making: a chain through Request.nextTold.
  private @Nullable Request first;
  private @Nullable Request last;
  private int taken;
  private boolean durable;
  private boolean synced;
  private boolean handedOver;

  // The last batch's waiting callers, and how many requests had come meanwhile.
  private int callersExpected;

  BatchWriter(
      EntryStore store,
      RequestQueue queue,
      WalConfig config,
      Room room,
      FailureLatch latch,
      Housekeeper housekeeper,
      Completions completions,
      Threads threads) {
    this.store = store;
    this.queue = queue;
    this.policy = new BatchPolicy(config);
    this.room = room;
    this.latch = latch;
    this.housekeeper = housekeeper;
    this.completions = completions;
    this.threads = threads;
    this.slowSyncNanos = config.slowSyncThreshold().toNanos();
  }

  Counters counters() {
    return counters;
  }

  /**
   * Writes one batch from the head of the queue; nothing if an exclusive request is there.
   *
   * @return those whose owners wait, oldest first, to be told once the token is handed over
   */
  @Nullable Request writeBatch() {
    begin();
    try {
      if (ended()) {
        takeAllLinked();
        settleAll(closed ? Fate.CLOSED : Fate.NOT_WRITTEN, latch.cause());
      } else {
        keepOpen();
        takeBatch();
        commit();
        settleSuccess();
      }
    } catch (NoSpaceException e) {
      refuseAllQueued(e);
    } catch (Throwable t) {
      fail(t);
    }
    return told();
  }

  /**
   * Writes one entry by itself, for a caller that found the token free and the queue empty.
   *
   * @return its index
   */
  long writeAlone(long index, String key, int keyBytes, Object value, boolean durable)
      throws IOException {
    begin();
    if (ended()) {
      throw (closed ? Fate.CLOSED : Fate.NOT_WRITTEN)
          .thrown(EntryRequest.describe(index), latch.cause());
    }
    this.durable = durable;
    taken = 1;
    try {
      makeRoom(
          1, (long) keyBytes + EntryRequest.bytesOf(value) + EntryRequest.RECORD_OVERHEAD_BYTES);
      long written = addAlone(index, key, keyBytes, value);
      commit();
      callersExpected = 1;
      return written;
    } catch (NoSpaceException e) {
      refuseAllQueued(e);
      throw e;
    } catch (Refusal e) {
      throw Fate.REFUSED.thrown("", e.getCause());
    } catch (Throwable t) {
      fail(t);
      throw (handedOver ? Fate.UNKNOWN : Fate.NOT_WRITTEN)
          .thrown(EntryRequest.describe(index), latch.cause());
    }
  }

  /** Whether a write may have to wait for the housekeeper. Only a holder gives it more to do. */
  boolean mayWaitForChores() {
    return housekeeper.pending() > 0;
  }

  /** The chain of requests that {@link #writeAlone} ended beside its own. */
  @Nullable Request told() {
    Request chain = first;
    first = null;
    last = null;
    return chain;
  }

  /**
   * Ends the log cleanly, unless it has failed; from now on every request ends unwritten.
   *
   * @param beforeFinish runs when all is durable and nothing works beside the writing any more
   */
  void close(Runnable beforeFinish) {
    closed = true;
    try {
      housekeeper.awaitPending(0);
      unlessFailed(store::sync);
      beforeFinish.run();
      unlessFailed(store::finish);
    } catch (Throwable t) {
      latch.fail(t);
    }
  }

  private interface StoreAct {
    void run() throws IOException;
  }

  private void unlessFailed(StoreAct act) {
    try {
      if (latch.cause() == null) {
        act.run();
      }
    } catch (Throwable t) {
      latch.fail(t);
    }
  }

  private boolean ended() {
    return closed || latch.cause() != null;
  }

  private void begin() {
    assert first == null : "the last batch's requests were not told";
    taken = 0;
    durable = false;
    synced = false;
    handedOver = false;
  }

  // ---- taking

  /** Lets callers that were just acknowledged come back and share the sync. */
  private void keepOpen() {
    long nanos = policy.delayNanos(callersExpected, room.requests(), counters.lastSyncNanos());
    if (nanos <= 0) {
      return;
    }
    long start = threads.nanoTime();
    while (room.requests() < callersExpected && threads.nanoTime() - start < nanos) {
      threads.giveWay();
    }
  }

  private void takeBatch() throws IOException {
    Request request = queue.peek();
    while (request != null && admits(request)) {
      take(request);
      add(request);
      request = queue.peek();
    }
  }

  private boolean admits(Request request) {
    if (request.exclusive()) {
      return false;
    }
    boolean small = policy.admits(taken, store.pendingBytes(), request.recordBytes());
    return small && (store.pendingBytes() == 0 || fitsTail(request));
  }

  private boolean fitsTail(Request request) {
    return request.recordBytes() == 0 || store.fits(request.entries(), request.recordBytes());
  }

  private void take(Request request) {
    queue.take(request);
    if (last == null) {
      first = request;
    } else {
      last.nextTold = request;
    }
    last = request;
    taken++;
  }

  private void takeAllLinked() {
    Request request = queue.peek();
    while (request != null && !request.exclusive()) {
      take(request);
      request = queue.peek();
    }
  }

  // ---- adding

  private void add(Request request) throws IOException {
    if (request.recordBytes() > 0) {
      makeRoom(request.entries(), request.recordBytes());
    }
    store.savepoint();
    try {
      request.succeed(request.addTo(store));
      durable |= request.durable;
      synced |= request.syncs();
    } catch (DuplicateIndexException | NonSequentialIndexException | OutOfMemoryError e) {
      store.rollback();
      request.end(Fate.REFUSED, e);
    }
  }

  private long addAlone(long index, String key, int keyBytes, Object value) throws Refusal {
    store.savepoint();
    try {
      return EntryRequest.add(store, index, key, keyBytes, value);
    } catch (DuplicateIndexException | NonSequentialIndexException | OutOfMemoryError e) {
      store.rollback();
      throw new Refusal(e);
    }
  }

  /** Starts a new segment if the tail does not take the first request of a batch. */
  private void makeRoom(int entries, long recordBytes) throws IOException {
    if (store.pendingBytes() > 0 || store.fits(entries, recordBytes)) {
      return;
    }
    housekeeper.awaitPending(CHORES_MAX);
    Throwable failure = latch.cause();
    if (failure != null) {
      throw new IOException("start a segment: background work failed", failure);
    }
    store.rotate();
    giveChores();
  }

  // ---- writing

  private void commit() throws IOException {
    int entries = store.pendingEntries();
    if (store.pendingBytes() == 0 && !durable) {
      return;
    }
    handedOver = true;
    if (durable) {
      commitDurably();
    } else {
      store.commit(/* durable= */ false);
    }
    counters.batch(entries);
  }

  private void commitDurably() throws IOException {
    long start = threads.nanoTime();
    store.commit(/* durable= */ true);
    long nanos = threads.nanoTime() - start;
    counters.sync(nanos);
    if (nanos > slowSyncNanos) {
      counters.slowSync();
      LOGGER.log(System.Logger.Level.WARNING, "sync took {0} ms", nanos / 1_000_000);
    }
  }

  private void giveChores() {
    EntryStore.Chore chore = store.takeChore();
    while (chore != null) {
      housekeeper.accept(chore);
      chore = store.takeChore();
    }
  }

  /** What a batch that succeeded leaves to do. A failure here fails the log, not the batch. */
  void afterBatch() {
    counters.requests(taken);
    if (ended()) {
      return;
    }
    try {
      giveChores();
      if (synced && queue.peek() == null && store.markDue()) {
        store.mark();
      }
      counters.markDue(store.markDue());
      completions.durableMoved(durable);
    } catch (Throwable t) {
      latch.fail(t);
      completions.durableMoved(true);
    }
  }

  // ---- settling

  private void settleSuccess() {
    for (Request request = first; request != null; request = request.nextTold) {
      if (request.fate() == Fate.WRITTEN) {
        request.succeed(request.resultAfterCommit(store, request.result()));
      }
    }
    part();
  }

  private void settleAll(Fate fate, @Nullable Throwable cause) {
    for (Request request = first; request != null; request = request.nextTold) {
      // A refused request was never handed to the disk.
      boolean spared = fate == Fate.UNKNOWN && request.fate() == Fate.REFUSED;
      request.end(spared ? Fate.NOT_WRITTEN : fate, cause);
    }
    part();
  }

  private void refuseAllQueued(NoSpaceException cause) {
    Request youngest = queue.youngest();
    while (queue.lastTaken() != youngest) {
      Request request = queue.peek();
      if (request == null) {
        threads.giveWay(); // pushed, and about to be linked
      } else if (request.exclusive()) {
        break;
      } else {
        take(request);
      }
    }
    discard();
    settleAll(Fate.NO_SPACE, cause);
  }

  private void fail(Throwable t) {
    latch.fail(t);
    if (!handedOver) {
      discard();
    }
    settleAll(handedOver ? Fate.UNKNOWN : Fate.NOT_WRITTEN, latch.cause());
    completions.durableMoved(true);
  }

  private void discard() {
    try {
      store.discard();
    } catch (Throwable t) {
      latch.fail(t);
    }
  }

  /** Parts the batch: futures go to the completion thread, waiting callers stay in the chain. */
  private void part() {
    long units = 0;
    int callers = 0;
    Request request = first;
    first = null;
    last = null;
    while (request != null) {
      Request following = request.nextTold;
      request.nextTold = null;
      units += Room.units(request.queueBytes());
      if (request.waiter == null) {
        request.forget();
        completions.add(request);
      } else {
        keepForCaller(request);
        callers++;
      }
      request = following;
    }
    completions.publish();
    room.leave(units);
    callersExpected = callers == 0 ? 0 : callers + room.requests();
  }

  private void keepForCaller(Request request) {
    if (last == null) {
      first = request;
    } else {
      last.nextTold = request;
    }
    last = request;
  }

  /** Carries what the store refused past the handlers of failures. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(Throwable cause) {
      super(null, cause, /* enableSuppression= */ false, /* writableStackTrace= */ false);
    }
  }
}
