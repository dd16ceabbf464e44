package dev.walnut;

import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.QueueFullException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Bounds the queue, by requests and by bytes; a request gets room before it is queued. */
final class Room {
  /*
   * Both counts share one word, so that they are taken and given back together: bytes in the low 40
   * bits, requests above. A request larger than all the bytes gets in when nothing else is in.
   *
   * Those who find no room line up at a fair lock, and only the first of the line waits for room. So
   * nobody small overtakes somebody large for ever. It is woken at half the limits, not at each
   * request that leaves: a thread woken for every single place would spend its time falling asleep.
   */
  private static final int BYTE_BITS = 40;
  private static final long BYTE_MASK = (1L << BYTE_BITS) - 1;

  private final int requestsMax;
  private final long bytesMax;
  private final boolean waits;
  private final Watch watch;
  private final AtomicLong used = new AtomicLong();
  private final ReentrantLock line = new ReentrantLock(/* fair= */ true);

  /** The first of the line. */
  private volatile @Nullable Thread first;

  private volatile boolean closed;

  Room(WalConfig config, Watch watch) {
    this.watch = watch;
    requestsMax = config.writeQueueSize();
    bytesMax = config.writeQueueBytes();
    waits = config.whenFull() == WhenFull.WAIT;
  }

  /** What a request of so many bytes takes and gives back; nothing if bytes are negative. */
  static long units(long queueBytes) {
    return queueBytes < 0 ? 0 : 1L << BYTE_BITS | queueBytes;
  }

  /**
   * Returns when there is room for a request, which is then taken.
   *
   * @throws QueueFullException if there is none and the log does not wait
   * @throws InterruptedIOException if interrupted while waiting; nothing was taken
   * @throws LogClosedException if the log was closed meanwhile; nothing was taken
   */
  void enter(Request request) throws InterruptedIOException {
    long queueBytes = request.queueBytes();
    if (first == null && tryEnter(queueBytes)) {
      return;
    }
    if (!waits) {
      watch.queueFull();
      throw new QueueFullException(
          request.describe()
              + ": the queue is full: "
              + requests()
              + " of "
              + requestsMax
              + " requests, "
              + bytes()
              + " of "
              + bytesMax
              + " bytes");
    }
    Watch.Stall stall = watch.queue().begin();
    try {
      line.lockInterruptibly();
      try {
        awaitRoom(request, queueBytes);
      } finally {
        line.unlock();
      }
      stall.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(request);
    }
  }

  private void awaitRoom(Request request, long queueBytes) throws InterruptedException {
    first = Thread.currentThread();
    try {
      while (!tryEnter(queueBytes)) {
        requireOpen(request);
        LockSupport.park(this);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      first = null;
    }
  }

  private void requireOpen(Request request) {
    if (closed) {
      throw new LogClosedException(
          request.describe() + ": the log was closed while waiting for room; not written");
    }
  }

  private static InterruptedIOException interrupted(Request request) {
    return new InterruptedIOException(
        request.describe() + ": interrupted while waiting for room; not written");
  }

  private boolean tryEnter(long queueBytes) {
    long now = used.get();
    while (fits(now, queueBytes)) {
      long witness = used.compareAndExchange(now, now + units(queueBytes));
      if (witness == now) {
        return true;
      }
      now = witness;
    }
    return false;
  }

  private boolean fits(long now, long queueBytes) {
    long requests = now >>> BYTE_BITS;
    long bytes = now & BYTE_MASK;
    return requests == 0 || (requests < requestsMax && bytes + queueBytes <= bytesMax);
  }

  /** Gives back what requests took. */
  void leave(long units) {
    if (units != 0) {
      used.addAndGet(-units);
    }
  }

  /** Wakes the first of the line, if there is room enough. */
  void wakeFirst() {
    Thread waiting = first;
    if (waiting != null && halfEmpty(used.get())) {
      LockSupport.unpark(waiting);
    }
  }

  private boolean halfEmpty(long now) {
    return now >>> BYTE_BITS <= requestsMax / 2 && (now & BYTE_MASK) <= bytesMax / 2;
  }

  /** Sends away who waits, and who comes. */
  void close() {
    closed = true;
    LockSupport.unpark(first);
  }

  int requests() {
    return (int) (used.get() >>> BYTE_BITS);
  }

  long bytes() {
    return used.get() & BYTE_MASK;
  }
}
