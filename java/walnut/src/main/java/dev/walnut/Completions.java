package dev.walnut;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The completion thread: completes futures in the order written, and with them runs the code of
 * others, which must never run where the writing is done.
 */
final class Completions extends Worker {
  /*
   * The token's holder links requests behind one another and publishes the last of a batch with one
   * volatile write. The thread walks the same chain up to there, and clears the links behind it.
   *
   * A few requests end after the thread has: those that raced with the closing, and waits for an
   * index to be durable. Whoever ends one does what is left, unless somebody is at it; then that one
   * goes on. No lock is held meanwhile, so a callback may wait for whom it likes.
   *
   * A step that fails, for want of memory say, is repeated: no future is passed over.
   */
  private final DurableWaiters durableWaiters;
  private final @Nullable Executor executor;

  /** Belongs to the token's holder. */
  private Request linked = new MarkRequest();

  private volatile Request published = linked;

  /** Belongs to the completion thread. */
  private Request completed = linked;

  private volatile boolean durableMoved;

  /** How long a sync took that was too slow; 0 once logged. */
  private volatile long slowSyncNanos;

  /** Whether the thread has ended; from then on others do what is left, one at a time. */
  private volatile boolean ended;

  private final AtomicInteger drains = new AtomicInteger();

  Completions(String log, DurableWaiters durableWaiters, @Nullable Executor executor) {
    super("walnut-completions " + log);
    this.durableWaiters = durableWaiters;
    this.executor = executor;
  }

  // ---- by the token's holder

  void add(Request request) {
    linked.nextTold = request;
    linked = request;
  }

  void publish() {
    if (published != linked) {
      published = linked;
      wake();
    }
  }

  /** Has those looked at who wait for an index to be durable, if there are any. */
  void durableMoved(boolean moved) {
    if (moved && durableWaiters.any()) {
      durableMoved = true;
      wake();
    }
  }

  /** Indexes above the last one are free again. */
  void tookBack(long lastIndex) {
    durableWaiters.tookBack(lastIndex);
    durableMoved(true);
  }

  /** Has it logged: who listens to a logger may do anything, and must not do it under the token. */
  void slowSync(long nanos) {
    slowSyncNanos = nanos;
    wake();
  }

  // ---- by the completion thread, and after its end by whoever comes

  @Override
  void stopped() {
    ended = true;
    drain();
  }

  /** Does what came after the end. Called after making work visible with a volatile write. */
  void stepIfEnded() {
    if (ended) {
      drain();
    }
  }

  private void drain() {
    if (drains.getAndIncrement() != 0) {
      return; // who is at it goes on for us
    }
    int seen = 1;
    while (seen != 0) {
      while (tryStep()) {
        // till nothing is left
      }
      seen = drains.addAndGet(-seen);
    }
  }

  @Override
  boolean step() {
    long slow = slowSyncNanos;
    if (slow != 0) {
      slowSyncNanos = 0;
      log(System.Logger.Level.WARNING, "sync took " + slow / 1_000_000 + " ms", null);
    }
    boolean moved = durableMoved;
    if (published == completed && !moved) {
      return false;
    }
    deliver(published, moved);
    return true;
  }

  private void deliver(Request upTo, boolean moved) {
    if (executor == null) {
      complete(upTo, moved);
      return;
    }
    Handover handover = new Handover(() -> complete(upTo, moved));
    try {
      executor.execute(handover);
    } catch (Throwable t) {
      log(System.Logger.Level.WARNING, "callbackExecutor refused; callbacks run on " + name(), t);
      handover.run();
    }
    handover.await();
  }

  private void complete(Request upTo, boolean moved) {
    while (completed != upTo) {
      Request request = Objects.requireNonNull(completed.nextTold, "a published link");
      request.completeFuture();
      completed.nextTold = null; // only now: a step that failed is repeated
      completed = request;
      forgetInterrupt();
    }
    if (moved) {
      checkWaiters();
    }
  }

  private void checkWaiters() {
    durableMoved = false; // before the check: what moves from here on is looked at once more
    try {
      durableWaiters.check();
    } catch (Throwable t) {
      durableMoved = true;
      throw t;
    }
    forgetInterrupt();
  }

  /** A callback's interrupt is nothing to the next one. */
  private void forgetInterrupt() {
    if (onOwnThread()) {
      Thread.interrupted();
    }
  }

  /** One piece of work given to the executor; the next is given when it has ended. */
  private static final class Handover implements Runnable {
    private final Thread giver = Thread.currentThread();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Runnable work;
    private volatile boolean ended;

    Handover(Runnable work) {
      this.work = work;
    }

    /** Does it once, also for an executor that accepts a task and then throws. */
    @Override
    public void run() {
      if (!begun.compareAndSet(false, true)) {
        return;
      }
      try {
        work.run();
      } finally {
        ended = true;
        LockSupport.unpark(giver);
      }
    }

    void await() {
      boolean interrupted = false;
      while (!ended) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        giver.interrupt();
      }
    }
  }
}
