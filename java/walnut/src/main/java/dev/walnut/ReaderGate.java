package dev.walnut;

import dev.walnut.exception.LogClosedException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets readers in until it is closed, and closes only when the last of them has left: a file handle
 * is never used after it was released.
 */
final class ReaderGate {
  /*
   * A reader counts itself in before it looks whether the gate is closed; the closer closes it
   * before it looks at the counts. Both are volatile, so one of the two sees the other. The count is
   * spread over lanes, a cache line apart, so that readers on different threads do not share one.
   */
  private static final int LANES = 16;
  private static final int LANE_STRIDE = 32; // ints: 128 bytes

  private final String log;
  private final AtomicIntegerArray readers = new AtomicIntegerArray((LANES + 1) * LANE_STRIDE);
  private volatile boolean closed;
  private volatile @Nullable Thread closer;

  ReaderGate(String log) {
    this.log = log;
  }

  /**
   * Lets the calling thread in.
   *
   * @return the lane to {@link #leave} by
   * @throws LogClosedException if the gate is closed
   */
  int enter(String operation) {
    int lane = lane(Thread.currentThread());
    readers.getAndIncrement(lane);
    if (closed) {
      leave(lane);
      throw new LogClosedException(operation + ": the log " + log + " is closed");
    }
    return lane;
  }

  void leave(int lane) {
    readers.getAndDecrement(lane);
    if (closed) {
      LockSupport.unpark(closer);
    }
  }

  /** Lets nobody in any more and returns when everybody has left. Called by one thread. */
  void close() {
    closer = Thread.currentThread();
    closed = true;
    boolean interrupted = false;
    while (!empty()) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean empty() {
    for (int lane = 1; lane <= LANES; lane++) {
      if (readers.get(lane * LANE_STRIDE) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int lane(Thread thread) {
    int hash = System.identityHashCode(thread) * 0x9E3779B9;
    return (1 + (hash >>> 28)) * LANE_STRIDE;
  }
}
