package dev.walnut;

import dev.walnut.internal.segment.EntryCursor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** How a cursor waits for what it does not see yet. */
interface CursorWait {

  /**
   * Returns true as soon as the cursor has a next entry, false when the time is over.
   *
   * @throws InterruptedIOException if interrupted while waiting; the interrupt status is kept
   */
  boolean await(EntryCursor cursor, Duration timeout) throws IOException;

  /** The time in nanoseconds; the longest there is, some 292 years, for more. */
  static long nanos(Duration timeout) {
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return timeout.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }

  /** Looks, holding the gate meanwhile. */
  static boolean look(EntryCursor cursor, ReaderGate gate) throws IOException {
    int lane = gate.enter("await");
    try {
      return cursor.look();
    } finally {
      gate.leave(lane);
    }
  }

  static void park(Object blocker, long nanos) throws InterruptedIOException {
    if (!Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(blocker, nanos);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("await: interrupted while waiting for an entry");
    }
  }
}
