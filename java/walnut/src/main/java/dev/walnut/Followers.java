package dev.walnut;

import dev.walnut.exception.LogFailedException;
import dev.walnut.internal.segment.EntryCursor;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Those who wait for the log they read to go on. */
final class Followers implements CursorWait {
  /*
   * No wake-up is lost. Who waits counts himself in, then looks, then parks. Who changes something
   * that is waited for publishes it first: a view, the latched failure, the closed gate; then looks
   * whether anybody is counted in, and wakes him. All of these are volatile, so there is one order
   * of them: either the look comes after the change and sees it, or the count came before the
   * waker's look at it, and the waker finds the waiter in the set, where he put himself before he
   * was counted. A waiter unparked between his look and his parking does not park at all.
   *
   * A waiter is woken only if his cursor may have more, so one that waits for the durable point is
   * not woken by writes that are not. The waker asks a view newer than, or the same as, the one that
   * made him ask; if that one had nothing, the next change asks again.
   *
   * Nobody waiting costs a writer one volatile read a batch. The waking is done once the token was
   * passed on, by whoever wrote, not by the thread that runs callbacks. If it is cut short for want
   * of stack, the log thread does it.
   *
   * A waiter holds neither a lock nor the gate while he is parked: a virtual one leaves its carrier,
   * and closing need not wait for him.
   */
  private static final class Waiter {
    final Thread thread = Thread.currentThread();
    final EntryCursor cursor;

    Waiter(EntryCursor cursor) {
      this.cursor = cursor;
    }
  }

  private final ReaderGate gate;
  private final FailureLatch latch;
  private final Threads threads;
  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();

  Followers(ReaderGate gate, FailureLatch latch, Threads threads) {
    this.gate = gate;
    this.latch = latch;
    this.threads = threads;
  }

  // ---- by those who wait

  @Override
  public boolean await(EntryCursor cursor, Duration timeout) throws IOException {
    long nanos = CursorWait.nanos(timeout);
    if (CursorWait.look(cursor, gate)) {
      return true;
    }
    long start = threads.nanoTime();
    Waiter waiter = new Waiter(cursor);
    boolean counted = false; // he may come with hardly any stack left
    try {
      waiters.add(waiter);
      count.getAndIncrement();
      counted = true;
      return await(waiter, start, nanos);
    } finally {
      waiters.remove(waiter);
      if (counted) {
        count.getAndDecrement();
      }
    }
  }

  private boolean await(Waiter waiter, long start, long nanos) throws IOException {
    while (true) {
      Throwable failure = latch.cause(); // first: what became visible before it is still shown
      if (CursorWait.look(waiter.cursor, gate)) {
        return true;
      }
      if (failure != null) {
        throw new LogFailedException(
            "await: the log has failed, and nothing more will come: " + failure.getMessage(),
            LogFailedException.Outcome.NOT_WRITTEN,
            failure);
      }
      long left = nanos - (threads.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      CursorWait.park(this, left);
    }
  }

  /** How many wait. */
  int waiting() {
    return count.get();
  }

  // ---- by those who change something

  /** Wakes those for whom there may be more. Called after the change was published. */
  void wake() {
    if (count.get() > 0) {
      boolean failed = latch.cause() != null;
      for (Waiter waiter : waiters) {
        if (failed || waiter.cursor.mayHaveMore()) {
          LockSupport.unpark(waiter.thread);
        }
      }
    }
  }

  /** Wakes all. Called when the gate is closed. */
  void wakeAll() {
    for (Waiter waiter : waiters) {
      LockSupport.unpark(waiter.thread);
    }
  }
}
