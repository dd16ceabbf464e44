package dev.walnut;

import dev.walnut.internal.segment.EntryCursor;
import java.io.IOException;
import java.time.Duration;

/**
 * Waiting for a writer in another process: nothing tells of its work but the files. They are looked
 * at again and again, at first after 1 ms, then after twice the time, up to 64 ms.
 */
final class Polling implements CursorWait {
  private static final long PAUSE_NANOS_MIN = 1_000_000;
  private static final long PAUSE_NANOS_MAX = 64_000_000;

  private final ReaderGate gate;
  private final Threads threads;

  Polling(ReaderGate gate, Threads threads) {
    this.gate = gate;
    this.threads = threads;
  }

  @Override
  public boolean await(EntryCursor cursor, Duration timeout) throws IOException {
    long nanos = CursorWait.nanos(timeout);
    long start = threads.nanoTime();
    long pause = PAUSE_NANOS_MIN;
    while (true) {
      if (CursorWait.look(cursor, gate)) {
        return true;
      }
      long left = nanos - (threads.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      CursorWait.park(this, Math.min(left, pause));
      pause = Math.min(2 * pause, PAUSE_NANOS_MAX);
    }
  }
}
