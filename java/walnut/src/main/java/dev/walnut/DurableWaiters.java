package dev.walnut;

import dev.walnut.exception.LogClosedException;
import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
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
    for (Waiter waiter : takeDecided()) {
      waiter.tell();
    }
  }

  private List<Waiter> takeDecided() {
    List<Waiter> told = new ArrayList<>();
    List<Waiter> left = new ArrayList<>();
    synchronized (lock) {
      for (Waiter waiter : waiters) {
        decide(waiter);
        (waiter.decided ? told : left).add(waiter);
      }
      waiters = left;
      any = !left.isEmpty();
    }
    return told;
  }

  private void decide(Waiter waiter) {
    if (waiter.decided) {
      return;
    }
    // Read first: what became durable before the end is not reported as lost.
    Throwable end = end(waiter.index);
    try {
      if (durable(waiter.index)) {
        waiter.decide(null);
      } else if (end != null) {
        waiter.decide(end);
      }
    } catch (IOException | RuntimeException e) {
      waiter.decide(end == null ? e : end);
    }
  }

  private @Nullable Throwable end(long index) {
    String what = "wait for index " + index + " to be durable";
    Throwable cause = latch.cause();
    if (cause != null) {
      return Fate.UNKNOWN.failure(what, cause);
    }
    return closed ? new LogClosedException(what + ": the log was closed before") : null;
  }

  private boolean durable(long index) throws IOException {
    int lane = gate.enter("whenDurable");
    try {
      return store.durableIndex() >= index && (sequential || store.contains(index));
    } finally {
      gate.leave(lane);
    }
  }
}
