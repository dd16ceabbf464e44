package dev.walnut.internal.platform;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file's number, lent to calls in progress.
 *
 * <p>The system gives a closed number to the next file that is opened, and a call that still used
 * it would read or write that file. So the number is closed by whoever is last to let go of it, and
 * is lent to nobody once {@link #close} was called.
 */
final class Descriptor {
  private static final System.Logger LOG = System.getLogger("dev.walnut");

  /** Added to the number of users once closed; it makes the sum negative. */
  private static final int CLOSED = Integer.MIN_VALUE;

  private final String object;
  private final int fd;
  private final AtomicInteger users = new AtomicInteger();

  /**
   * @param object what is open; for the message
   * @param fd an open descriptor, owned from now on
   */
  Descriptor(String object, int fd) {
    this.object = object;
    this.fd = fd;
  }

  /**
   * Borrows the number; {@link #release} must follow.
   *
   * @throws ClosedChannelException if it was closed
   */
  int acquire() throws ClosedChannelException {
    int seen;
    do {
      seen = users.get();
      if (seen < 0) {
        throw new ClosedChannelException();
      }
    } while (!users.compareAndSet(seen, seen + 1));
    return fd;
  }

  void release() {
    if (users.decrementAndGet() == CLOSED) {
      long result = NativeCalls.close(fd);
      if (result < 0) {
        // Whoever closed has gone on. What had to be durable was synced and has been told.
        LOG.log(Level.WARNING, "late close", NativeErrors.of("close " + object, result));
      }
    }
  }

  /** Lends the number no more and closes it now or when its last user lets go. */
  void close() throws IOException {
    int seen;
    do {
      seen = users.get();
      if (seen < 0) {
        return;
      }
    } while (!users.compareAndSet(seen, seen + CLOSED));
    if (seen == 0) {
      long result = NativeCalls.close(fd);
      if (result < 0) {
        throw NativeErrors.of("close " + object, result);
      }
    }
  }
}
