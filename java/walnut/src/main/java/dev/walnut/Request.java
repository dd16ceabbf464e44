package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Something a caller wants done in its turn: at once a link of the queue, what the caller waits on,
 * and, for asynchronous calls, the future they return. One allocation a write.
 */
abstract class Request extends CompletableFuture<Long> {
  /*
   * States of a request whose caller waits:
   *
   *   PENDING          -> PARKED  by its owner, about to park
   *   PENDING, PARKED  -> LEAD    by the holder of the token, handing it over
   *   LEAD             -> PENDING by its owner, now the holder
   *   PENDING, PARKED  -> DONE    by a holder, after the I/O that covers it
   *
   * Whoever sets DONE or LEAD read the waiting thread before: the owner may be gone a moment later.
   * Everything the owner looks at after DONE was written before it.
   *
   * The outcome is kept apart from the future's. Completing or cancelling the future, as any caller
   * can, changes what its other holders see and nothing here.
   */
  static final int PENDING = 0;
  static final int PARKED = 1;
  static final int LEAD = 2;
  static final int DONE = 3;

  private static final int YIELDS = 10;
  private static final VarHandle STATE;
  private static final VarHandle NEXT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(Request.class, "state", int.class);
      NEXT = lookup.findVarHandle(Request.class, "next", Request.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The thread that waits for this request; null if nobody does and the future is all. */
  final @Nullable Thread waiter;

  /** Whether it is acknowledged only when durable. */
  final boolean durable;

  volatile int state;

  /** Whether it was queued; for its owner. */
  boolean queued;

  /** The next in the queue. Linked with a full fence: see {@link RequestQueue}. */
  volatile @Nullable Request next;

  /** The next of those to be told together; owned by whoever holds the chain. */
  @Nullable Request nextTold;

  private Fate fate = Fate.WRITTEN;
  private @Nullable Throwable cause;
  private long result;

  Request(@Nullable Thread waiter, boolean durable) {
    this.waiter = waiter;
    this.durable = durable;
  }

  // ---- what it asks for

  /**
   * Adds its records to the open batch, or nothing if it has none.
   *
   * @return what the caller gets if the batch succeeds
   * @throws RuntimeException if the store refuses it; the caller rolls back
   */
  long addTo(EntryStore store) throws IOException {
    return 0;
  }

  /** Entries it will add. */
  int entries() {
    return 0;
  }

  /** Bytes its records take at most. */
  long recordBytes() {
    return 0;
  }

  /** Bytes it occupies in the queue; negative for a request that needs no room. */
  long queueBytes() {
    return -1;
  }

  /** Whether it is there to make what lies before it durable. */
  boolean syncs() {
    return false;
  }

  /** Whether it is a batch of its own, if it adds anything. */
  boolean alone() {
    return false;
  }

  /** Whether its owner leads for it alone, behind everything before it. */
  boolean exclusive() {
    return false;
  }

  /** What the caller gets, once the batch is written. */
  long resultAfterCommit(EntryStore store, long result) {
    return result;
  }

  /** Lets go of what is not needed any more: neither a kept future nor the queue keeps a value. */
  void forget() {}

  /** The operation and its object, for messages. */
  abstract String describe();

  // ---- links of the queue

  /** Unlinks a request that was taken; uncleared chains survive collections. */
  void clearNext() {
    NEXT.set(this, null);
  }

  // ---- outcome, set by the token's holder before it tells

  void succeed(long result) {
    this.result = result;
  }

  void end(Fate fate, @Nullable Throwable cause) {
    this.fate = fate;
    this.cause = cause;
  }

  Fate fate() {
    return fate;
  }

  long result() {
    return result;
  }

  // ---- telling

  /**
   * Makes the waiting owner the leader; the token is held on its behalf.
   *
   * @return whether it is parked, and has to be woken
   */
  boolean tellToLead() {
    int before = (int) STATE.getAndSet(this, LEAD);
    assert before == PENDING || before == PARKED : "told to lead in state " + before;
    return before == PARKED;
  }

  /** Wakes the owner if it was told to lead and may have missed it. */
  void wakeIfToldToLead() {
    if (state == LEAD) {
      wake(waiter);
    }
  }

  /** Ends the wait of the owner. To do it once more does no harm. */
  void tellDone() {
    Thread owner = waiter;
    if ((int) STATE.getAndSet(this, DONE) != PENDING) {
      wake(owner);
    }
  }

  /** Wakes the owner, which sleeps or is about to. */
  void wake(@Nullable Thread owner) {
    LockSupport.unpark(owner);
  }

  /** Completes the future; runs its callbacks. */
  void completeFuture() {
    if (fate == Fate.WRITTEN) {
      complete(result);
    } else {
      completeExceptionally(fate.failure(describe(), cause));
    }
  }

  // ---- waiting, by the owner

  /**
   * Waits until the request is done or its owner is to lead. Nothing else ends the wait: whoever
   * left could not know what became of its write, and all would wait for it to lead. An interrupt
   * is kept for later; with too little stack left to sleep, it stays awake.
   *
   * @return whether the caller holds the token now
   */
  boolean awaitTurn(boolean parkAtOnce) {
    int looks = parkAtOnce ? YIELDS : 0;
    boolean interrupted = false;
    while (state < LEAD) {
      try {
        if (looks < YIELDS) {
          looks++;
          Threads.yieldOnce();
        } else {
          interrupted |= park();
        }
      } catch (Throwable t) {
        looks = YIELDS;
      }
    }
    try {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    } catch (Throwable t) {
      // The token may be ours: the status is lost, and nothing else.
    }
    boolean leads = state == LEAD;
    if (leads) {
      state = PENDING;
    }
    return leads;
  }

  /** Parks once; returns whether that was interrupted. */
  private boolean park() {
    // Whoever tells an owner that is not parked yet wakes nobody.
    if (state != PARKED && !STATE.compareAndSet(this, PENDING, PARKED)) {
      return false;
    }
    sleep();
    return Thread.interrupted();
  }

  /** Sleeps until woken; may return earlier. A test may sleep so that no wake-up can be missing. */
  void sleep() {
    LockSupport.park(this);
  }

  /** Returns the result, or throws what went wrong; after {@link #awaitTurn} ended with done. */
  long outcome() throws IOException {
    if (fate == Fate.WRITTEN) {
      return result;
    }
    throw fate.thrown(describe(), cause);
  }
}
