package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the store's chores beside the writing, in the order given. Never takes the token, so its
 * holder may wait for it.
 */
final class Housekeeper extends Worker {
  private final FailureLatch latch;
  private final Completions completions;
  private final Threads threads;
  private final ConcurrentLinkedQueue<EntryStore.Chore> chores = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  Housekeeper(String log, FailureLatch latch, Completions completions, Threads threads) {
    super("walnut-housekeeper " + log);
    this.latch = latch;
    this.completions = completions;
    this.threads = threads;
  }

  void accept(EntryStore.Chore chore) {
    chores.add(chore); // first: one that was not added would be waited for
    pending.getAndIncrement();
    wake();
  }

  @Override
  boolean step() {
    EntryStore.Chore chore = chores.poll();
    if (chore == null) {
      return false;
    }
    try {
      if (latch.cause() == null) {
        chore.run();
      }
    } catch (Throwable t) {
      latch.fail(t);
      completions.durableMoved(true);
    } finally {
      pending.getAndDecrement();
    }
    return true;
  }

  /** Returns when at most so many chores are unfinished. */
  void awaitPending(int choresMax) {
    boolean interrupted = false;
    while (pending.get() > choresMax) {
      threads.awaitProgress(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  int pending() {
    return Math.max(0, pending.get()); // one may be done before it is counted
  }
}
