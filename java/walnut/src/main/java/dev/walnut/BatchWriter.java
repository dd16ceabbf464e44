package dev.walnut;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.internal.segment.EntryStore;
import dev.walnut.internal.segment.NoSegmentException;
import java.io.IOException;
import java.io.UncheckedIOException;
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
   * it was not written, whatever became of the other. If the store cannot read whether an index is
   * taken, that request alone is refused too.
   *
   * No space, and no segment. The batch was not written, and every write queued behind it at that
   * moment is refused too, when its turn comes: who sent ten writes in a row must not find the third
   * missing and the fourth there. What only syncs is not refused: what lies before it becomes durable.
   * A batch ends before the request that needs a new segment, so that no other is drawn in.
   *
   * Truncation. It is a batch of its own: what lies before it in the queue is written before it, and
   * what it takes away is taken away when its batch is durable, not when it is added.
   *
   * Failure. Any other throwable, an Error too, fails the log. Requests of a batch that was handed
   * to the disk end with an unknown outcome, all others were not written. This path allocates
   * nothing; failures are created by those who are told.
   *
   * Death. If even that fails, for want of stack, the holder leaves everything as it is, and death
   * behind; the next one fails the log with it and settles the rest. So every step from one state to
   * the next is an assignment, and what must be done once more does no harm.
   *
   * Memory. If adding an entry runs out of memory, nothing was handed to the disk, and that request
   * alone is refused.
   */
  static final int CHORES_MAX = 16;

  /** Looks at a queue that does not grow before the batch goes out. */
  private static final int LOOKS = 4;

  private final EntryStore store;
  private final RequestQueue queue;
  private final BatchPolicy policy;
  private final Room room;
  private final FailureLatch latch;
  private final Housekeeper housekeeper;
  private final Completions completions;
  private final Threads threads;
  private final Watch watch;
  private final long slowSyncNanos;
  private final Counters counters = new Counters();
  private final IntervalSync intervalSync;

  /** What the last holder died of in the middle of a batch; null if it did not. */
  @Nullable Throwable death;

  /**
   * The last request whose owner was told to lead; a hint for who may have to be woken again. It
   * lies here since every holder writes it, and nobody else looks at this object.
   */
  @Nullable Request toldToLead;

  private boolean closed;

  // The batch in the making: a chain through Request.nextTold.
  private @Nullable Request first;
  private @Nullable Request last;

  // Those that have ended and whose owners wait: another such chain.
  private @Nullable Request toldFirst;
  private @Nullable Request toldLast;

  /** The durable index after the last batch. */
  private long durableIndex;

  /** What requests that have ended still take of the room. */
  private long unitsToLeave;

  // How the entry written alone has ended.
  private Fate aloneFate = Fate.WRITTEN;
  private @Nullable Throwable aloneCause;

  private int taken;
  private boolean durable;
  private boolean synced;
  private boolean handedOver;

  // The last request to be refused for what befell one before it, and why; null if none is.
  private @Nullable Request refusedThrough;
  private Fate refusedFate = Fate.NO_SPACE;
  private @Nullable IOException refusedCause;

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
      Watch watch,
      Threads threads) {
    this.store = store;
    this.queue = queue;
    this.policy = new BatchPolicy(config);
    this.room = room;
    this.latch = latch;
    this.housekeeper = housekeeper;
    this.completions = completions;
    this.threads = threads;
    this.watch = watch;
    this.slowSyncNanos = config.slowSyncThreshold().toNanos();
    this.intervalSync = new IntervalSync(config);
  }

  Counters counters() {
    return counters;
  }

  IntervalSync intervalSync() {
    return intervalSync;
  }

  /**
   * Writes one batch from the head of the queue; nothing if an exclusive request is there. If a
   * holder died, all that is queued ends here: its own request may be the next in turn.
   */
  void writeBatch() {
    if (death != null) {
      fail(death);
      death = null;
    }
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
    } catch (IOException e) {
      if (refusesOnly(e)) {
        refuseBatch(refusal(e), e);
      } else {
        fail(e);
      }
    } catch (Throwable t) {
      fail(t);
    }
  }

  /** Whether the store is as before: there was no room, or no segment could be started. */
  private static boolean refusesOnly(IOException e) {
    return e instanceof NoSpaceException || e instanceof NoSegmentException;
  }

  private static Fate refusal(IOException e) {
    return e instanceof NoSpaceException ? Fate.NO_SPACE : Fate.NO_SEGMENT;
  }

  /**
   * Writes one entry by itself, for a caller that found the token free and the queue empty.
   *
   * @return its index, if {@link #aloneFate} is written
   */
  long writeAlone(long index, String key, int keyBytes, Object value, boolean durable) {
    begin();
    endAlone(Fate.WRITTEN, null);
    if (ended()) {
      endAlone(closed ? Fate.CLOSED : Fate.NOT_WRITTEN, latch.cause());
      return 0;
    }
    this.durable = durable;
    taken = 1;
    try {
      makeRoom(
          1, (long) keyBytes + EntryRequest.bytesOf(value) + EntryRequest.RECORD_OVERHEAD_BYTES);
      long written = addAlone(index, key, keyBytes, value);
      if (aloneFate == Fate.WRITTEN) {
        commit();
        callersExpected = 1;
      }
      return written;
    } catch (IOException e) {
      if (refusesOnly(e)) {
        endAlone(refusal(e), e);
        refuseBatch(refusal(e), e);
      } else {
        failAlone(e);
      }
    } catch (Throwable t) {
      failAlone(t);
    }
    return 0;
  }

  private void failAlone(Throwable t) {
    fail(t);
    endAlone(handedOver ? Fate.UNKNOWN : Fate.NOT_WRITTEN, latch.cause());
  }

  private void endAlone(Fate fate, @Nullable Throwable cause) {
    count(fate);
    aloneFate = fate;
    aloneCause = cause;
  }

  /** How the entry that {@link #writeAlone} was given has ended. */
  Fate aloneFate() {
    return aloneFate;
  }

  /** Why it was not written. */
  @Nullable Throwable aloneCause() {
    return aloneCause;
  }

  /** Whether a write may have to wait for the housekeeper. Only a holder gives it more to do. */
  boolean mayWaitForChores() {
    return housekeeper.pending() > 0;
  }

  /**
   * Those that have ended and whose owners wait, oldest first: for the holder to tell once the
   * token is handed over. Those of a log that has failed are told here: who told them had little
   * stack left perhaps, and did not prove by a write that it is enough.
   */
  @Nullable Request told() {
    if (ended()) {
      tellAll();
    }
    Request chain = toldFirst;
    toldFirst = null;
    toldLast = null;
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

  private void tellAll() {
    while (toldFirst != null) {
      toldFirst.tellDone();
      toldFirst = toldFirst.nextTold;
    }
  }

  private boolean ended() {
    return closed || latch.cause() != null;
  }

  private void begin() {
    assert first == null : "the last batch was not settled";
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
      gather();
      return;
    }
    long start = threads.nanoTime();
    while (room.requests() < callersExpected && threads.nanoTime() - start < nanos) {
      threads.giveWay();
    }
  }

  /*
   * A producer of futures adds a request in less time than a write call takes, yet a leader that
   * has caught up with it would make a write call of every few. So where nobody waits for the oldest
   * request, the leader gives way as long as more come, and no longer than a full batch takes.
   */
  private void gather() {
    Request oldest = queue.peek();
    if (oldest == null || oldest.waiter != null) {
      return;
    }
    int seen = room.requests();
    for (int looks = 0; looks < LOOKS && policy.gathersMore(seen); looks++) {
      threads.giveWay();
      int now = room.requests();
      if (now > seen) {
        looks = -1;
      }
      seen = now;
    }
  }

  private void takeBatch() throws IOException {
    Request request = queue.peek();
    while (request != null && admits(request)) {
      take(request);
      add(request);
      request = request.alone() ? null : queue.peek();
    }
  }

  private boolean admits(Request request) {
    if (request.exclusive() || (request.alone() && taken > 0)) {
      return false;
    }
    boolean small = policy.admits(taken, store.pendingBytes(), request.recordBytes());
    return small && (taken == 0 || fitsTail(request));
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
    if (refusedThrough != null && refuse(request)) {
      return;
    }
    if (request.recordBytes() > 0) {
      makeRoom(request.entries(), request.recordBytes());
    }
    store.savepoint();
    try {
      request.succeed(request.addTo(store));
      durable |= request.durable && (!request.alone() || store.pendingBytes() > 0);
      synced |= request.syncs();
    } catch (DuplicateIndexException
        | NonSequentialIndexException
        | IllegalArgumentException
        | OutOfMemoryError e) {
      store.rollback();
      request.end(Fate.REFUSED, e);
    } catch (UncheckedIOException e) {
      store.rollback();
      request.end(Fate.REFUSED, e.getCause());
    }
  }

  private long addAlone(long index, String key, int keyBytes, Object value) {
    store.savepoint();
    try {
      return EntryRequest.add(store, index, key, keyBytes, value);
    } catch (DuplicateIndexException | NonSequentialIndexException | OutOfMemoryError e) {
      store.rollback();
      endAlone(Fate.REFUSED, e);
      return 0;
    } catch (UncheckedIOException e) {
      store.rollback();
      endAlone(Fate.REFUSED, e.getCause());
      return 0;
    }
  }

  /** Starts a new segment if the tail does not take the first request of a batch. */
  private void makeRoom(int entries, long recordBytes) throws IOException {
    if (store.pendingBytes() > 0 || store.fits(entries, recordBytes)) {
      return;
    }
    awaitHousekeeper();
    Throwable failure = latch.cause();
    if (failure != null) {
      throw new IOException("start a segment: background work failed", failure);
    }
    Events.Rotation event = watch.events().rotation();
    store.rotate();
    if (event != null) {
      event.end(store.counts());
    }
    giveChores();
  }

  private void awaitHousekeeper() {
    if (housekeeper.pending() > CHORES_MAX) {
      Watch.Stall stall = watch.housekeeper().begin();
      housekeeper.awaitPending(CHORES_MAX);
      stall.end();
    }
  }

  // ---- writing

  private void commit() throws IOException {
    int entries = store.pendingEntries();
    long bytes = store.pendingBytes();
    if (bytes == 0 && !durable) {
      return;
    }
    Events.Batch event = bytes == 0 ? null : watch.events().batch();
    long lastIndex = store.pendingLastIndex();
    handedOver = true;
    if (durable) {
      commitDurably();
    } else {
      commitUnsynced();
    }
    Acknowledgement.require(store, entries > 0 ? lastIndex : store.lastIndex(), durable);
    counters.batch(entries);
    if (entries > 0) {
      counters.foundSpace();
    }
    if (event != null) {
      event.end(entries, bytes, taken, durable);
    }
  }

  /** The clock is read before the write: an entry's time runs from then. */
  private void commitUnsynced() throws IOException {
    boolean first = intervalSync.awaitsFirst();
    long start = first ? threads.nanoTime() : 0;
    store.commit(/* durable= */ false);
    if (first) {
      intervalSync.wroteFirst(start);
    }
  }

  private void commitDurably() throws IOException {
    SyncTimer timer = counters.syncTimer();
    long syncsBefore = store.syncs();
    Events.Sync event = watch.events().sync();
    long start = threads.nanoTime();
    timer.begin(start);
    try {
      store.commit(/* durable= */ true);
    } finally {
      timer.end();
    }
    intervalSync.settled();
    if (store.syncs() == syncsBefore) {
      return; // all was durable already
    }
    long nanos = threads.nanoTime() - start;
    boolean slow = nanos > slowSyncNanos;
    timer.took(nanos);
    if (event != null) {
      event.end(store.durableIndex(), nanos, slow);
    }
    if (slow) {
      counters.slowSync();
      completions.slowSync(nanos);
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
      counters.markDue(false); // nothing is written any more, so nothing is to be watched for
      intervalSync.settled();
      return;
    }
    try {
      giveChores();
      if (synced && queue.peek() == null && store.markDue()) {
        store.mark();
      }
      counters.markDue(store.markDue());
      durableMoved();
    } catch (Throwable t) {
      latch.fail(t);
      counters.markDue(false);
      intervalSync.settled();
      completions.durableMoved(true);
    }
  }

  /** What chores made durable shows only now. */
  private void durableMoved() {
    long index = store.durableIndex();
    completions.durableMoved(durable || index != durableIndex);
    durableIndex = index;
  }

  // ---- settling

  private void settleSuccess() {
    for (Request request = first; request != null; request = request.nextTold) {
      if (request.fate() == Fate.WRITTEN) {
        request.succeed(request.resultAfterCommit(store, request.result()));
        tookBack(request);
      }
    }
    part();
  }

  /** Told before anything can be written again at an index that is free now. */
  private void tookBack(Request request) {
    if (request.alone()) {
      completions.tookBack(store.lastIndex());
    }
  }

  private void settleAll(Fate fate, @Nullable Throwable cause) {
    for (Request request = first; request != null; request = request.nextTold) {
      // A refused request was never handed to the disk.
      boolean spared = fate == Fate.UNKNOWN && request.fate() != Fate.WRITTEN;
      request.end(spared ? Fate.NOT_WRITTEN : fate, cause);
    }
    part();
  }

  /** Refuses the batch, and all that is queued behind it now, when its turn comes. */
  private void refuseBatch(Fate fate, IOException cause) {
    boolean syncs = synced;
    refuseFrom(fate, cause);
    discard();
    for (Request request = first; request != null; request = request.nextTold) {
      if (!request.syncs()) {
        request.end(fate, cause);
        count(fate);
      }
    }
    try {
      if (syncs) {
        durable = true;
        handedOver = false;
        commit();
      }
      settleSuccess();
    } catch (Throwable t) {
      fail(t);
    }
  }

  private void count(Fate fate) {
    if (fate == Fate.NO_SPACE) {
      counters.refusedForSpace();
    }
  }

  private void refuseFrom(Fate fate, IOException cause) {
    Request youngest = queue.youngest();
    if (youngest != queue.lastTaken()) {
      refusedThrough = youngest;
      refusedFate = fate;
      refusedCause = cause;
    }
  }

  /** Refuses a request that was queued when there was no room; false if it writes nothing. */
  private boolean refuse(Request request) {
    boolean refused = request.recordBytes() > 0;
    if (refused) {
      request.end(refusedFate, refusedCause);
      count(refusedFate);
    }
    if (request == refusedThrough) {
      refusedThrough = null;
      refusedCause = null;
    }
    return refused;
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

  /** Parts the batch: futures go to the completion thread, waiting callers to those to be told. */
  private void part() {
    int callers = 0;
    for (Request request = first; request != null; request = first) {
      long units = Room.units(request.queueBytes());
      request.forget();
      if (request.waiter == null) {
        completions.add(request);
      } else {
        keepForCaller(request);
        callers++;
      }
      unitsToLeave += units;
      first = request.nextTold;
      request.nextTold = null;
    }
    last = null;
    completions.publish();
    room.leave(unitsToLeave);
    unitsToLeave = 0;
    room.wakeFirst();
    callersExpected = callers == 0 ? 0 : callers + room.requests();
  }

  private void keepForCaller(Request request) {
    if (toldLast == null) {
      toldFirst = request;
    } else {
      toldLast.nextTold = request;
    }
    toldLast = request;
  }
}
