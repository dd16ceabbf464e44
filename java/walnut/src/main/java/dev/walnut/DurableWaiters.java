package dev.walnut;

import dev.walnut.exception.LogClosedException;
import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Futures that wait for an index to be written and durable. */
final class DurableWaiters {
  private static final class Waiter {
    final long index;
    final CompletableFuture<Long> future;
    boolean decided;
    @Nullable Throwable failure;

    /** Whether the index was there at a look before, and only retention can have taken it since. */
    boolean seen;

    Waiter(long index, CompletableFuture<Long> future) {
      this.index = index;
      this.future = future;
    }

    void decide(@Nullable Throwable failure) {
      this.failure = failure;
      decided = true;
    }

    void tell() {
      if (failure == null) {
        future.complete(index);
      } else {
        future.completeExceptionally(failure);
      }
    }
  }

  private final EntryStore store;
  private final ReaderGate gate;
  private final FailureLatch latch;
  private final boolean sequential;

  /** Those to be told; they leave it when they were. Belongs to the thread that checks. */
  private final ArrayDeque<Waiter> decided = new ArrayDeque<>();

  private final Object lock = new Object();

  /** Guarded by the lock. */
  private List<Waiter> waiters = new ArrayList<>();

  /** Guarded by the lock. */
  private boolean closed;

  /** Whether there are any; a hint that is looked at after each sync. */
  private volatile boolean any;

  DurableWaiters(EntryStore store, ReaderGate gate, FailureLatch latch, WalConfig config) {
    this.store = store;
    this.gate = gate;
    this.latch = latch;
    this.sequential = config.indexOrder() == IndexOrder.SEQUENTIAL;
  }

  boolean any() {
    return any;
  }

  /** Notes a waiter; a check must follow. */
  void add(long index, CompletableFuture<Long> future) {
    synchronized (lock) {
      waiters.add(new Waiter(index, future));
      any = true;
    }
  }

  /**
   * Entries above the last index were taken back: their indexes are waited for once more. Called
   * before any of them can be written again.
   */
  void tookBack(long lastIndex) {
    synchronized (lock) {
      for (Waiter waiter : waiters) {
        waiter.seen &= waiter.index <= lastIndex;
      }
    }
  }

  /**
   * Decides what every waiter is told by the next check. Called when all is durable and reading is
   * still possible.
   */
  void close() {
    synchronized (lock) {
      closed = true;
      waiters.forEach(this::decide);
    }
  }

  /** Completes those whose index is durable, and all if the log has failed or is closed. */
  void check() {
    takeDecided();
    for (Waiter waiter = decided.peek(); waiter != null; waiter = decided.peek()) {
      waiter.tell();
      decided.remove(); // only now: a failed check is repeated
    }
  }

  private void takeDecided() {
    synchronized (lock) {
      waiters.forEach(this::decide);
      List<Waiter> left = new ArrayList<>(waiters.size());
      for (Waiter waiter : waiters) {
        (waiter.decided ? decided : left).add(waiter);
      }
      waiters = left;
      any = !left.isEmpty();
    }
  }

  private void decide(Waiter waiter) {
    if (waiter.decided) {
      return;
    }
    // Read first: what became durable before the end is not reported as lost.
    Throwable cause = latch.cause();
    boolean ended = cause != null || closed;
    try {
      if (durable(waiter)) {
        waiter.decide(null);
      } else if (ended) {
        waiter.decide(end(waiter.index, cause));
      }
    } catch (IOException | RuntimeException e) {
      waiter.decide(ended ? end(waiter.index, cause) : e);
    }
  }

  private static Throwable end(long index, @Nullable Throwable cause) {
    String what = "wait for index " + index + " to be durable";
    return cause == null
        ? new LogClosedException(what + ": the log was closed before")
        : Fate.UNKNOWN.failure(what, cause);
  }

  /**
   * What lies below the floor is done with: it counts as durable, since nobody can write it any
   * more. Looks first whether the index is there: the durable index, read later, then speaks of it.
   * The other way round it might be of a time when the index was not written, and above it.
   */
  private boolean durable(Waiter waiter) throws IOException {
    int lane = gate.enter("whenDurable");
    try {
      if (waiter.index < store.floor()) {
        return true;
      }
      waiter.seen = sequential || waiter.seen || store.contains(waiter.index);
      return waiter.seen && store.durableIndex() >= waiter.index;
    } finally {
      gate.leave(lane);
    }
  }
}
