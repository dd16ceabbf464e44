package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the store's chores beside the writing, in the order given. Never takes the token, so its
 * holder may wait for it.
 */
final class Housekeeper extends Worker {
  private final String log;
  private final FailureLatch latch;
  private final Completions completions;
  private final Followers followers;
  private final Threads threads;
  private final ConcurrentLinkedQueue<EntryStore.Chore> chores = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  /** Belongs to the thread that runs the chores. */
  private boolean warned;

  Housekeeper(
      String log,
      FailureLatch latch,
      Completions completions,
      Followers followers,
      Threads threads) {
    super("walnut-housekeeper " + log);
    this.log = log;
    this.latch = latch;
    this.completions = completions;
    this.followers = followers;
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
        warnOnce(chore.removal());
      }
    } catch (Throwable t) {
      latch.fail(t);
      completions.durableMoved(true);
      followers.wake();
    } finally {
      pending.getAndDecrement();
    }
    return true;
  }

  /** Whoever keeps too few segments by mistake should learn so from the first that goes. */
  private void warnOnce(EntryStore.@Nullable Removal removal) {
    if (removal != null && !warned) {
      warned = true;
      log(
          System.Logger.Level.WARNING,
          log
              + ": deleted "
              + removal.files()
              + " and its entries "
              + removal.firstIndex()
              + " to "
              + removal.lastIndex()
              + ", "
              + removal.entries()
              + " in number; so goes every oldest segment from now on, as maxSegments, retainBytes and"
              + " retainFor say",
          null);
    }
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
