package dev.walnut;

import java.util.Objects;
import java.util.concurrent.Executor;
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
   */
  private static final System.Logger LOGGER = System.getLogger(Completions.class.getName());

  private final DurableWaiters durableWaiters;
  private final @Nullable Executor executor;

  /** Belongs to the token's holder. */
  private Request linked = new MarkRequest();

  private volatile Request published = linked;

  /** Belongs to the completion thread. */
  private Request completed = linked;

  private volatile boolean durableMoved;

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

  // ---- by the completion thread

  @Override
  boolean step() {
    boolean moved = durableMoved;
    if (published == completed && !moved) {
      return false;
    }
    if (moved) {
      durableMoved = false; // before the check: what moves from here on is looked at once more
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
    } catch (RuntimeException e) {
      LOGGER.log(
          System.Logger.Level.WARNING, "callbackExecutor refused; callbacks run on " + name(), e);
      handover.run();
    }
    handover.await();
  }

  private void complete(Request upTo, boolean moved) {
    while (completed != upTo) {
      Request request = Objects.requireNonNull(completed.nextTold, "a published link");
      completed.nextTold = null;
      completed = request;
      request.completeFuture();
    }
    if (moved) {
      durableWaiters.check();
    }
  }

  /** One piece of work given to the executor; the next is given when it has ended. */
  private static final class Handover implements Runnable {
    private final Thread giver = Thread.currentThread();
    private final Runnable work;
    private volatile boolean ended;

    Handover(Runnable work) {
      this.work = work;
    }

    @Override
    public void run() {
      try {
        work.run();
      } finally {
        ended = true;
        LockSupport.unpark(giver);
      }
    }

    void await() {
      while (!ended) {
        LockSupport.park(this);
        Thread.interrupted(); // nobody's business
      }
    }
  }
}
