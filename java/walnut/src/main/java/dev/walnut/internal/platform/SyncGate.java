package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets syncs of one file through one at a time, and none after one has failed.
 *
 * <p>One at a time, because the kernel reports a failure once: a second sync that overlaps a
 * failing one could succeed over the lost pages before anybody knows.
 */
final class SyncGate {
  private final ReentrantLock lock = new ReentrantLock();

  /** The first failure; under the lock. */
  private @Nullable Throwable failure;

  /** A write that syncs, or a sync alone. */
  interface Sync {
    long run() throws IOException;
  }

  /**
   * Runs the sync and returns what it returns.
   *
   * @param object what is synced; for the message
   * @throws FileSystemException if an earlier one failed, with that failure as its cause
   */
  long pass(Object object, Sync sync) throws IOException {
    assert !VirtualThreads.isCurrent() : "a sync would hold the carrier of a virtual thread";
    lock.lock();
    try {
      if (failure != null) {
        throw refusal(object, failure);
      }
      return sync.run();
    } catch (IOException | RuntimeException | Error e) {
      failure = failure == null ? e : failure;
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private static FileSystemException refusal(Object object, Throwable failure) {
    FileSystemException refusal =
        new FileSystemException(
            null, null, "sync " + object + ": refused, because an earlier write or sync failed");
    refusal.initCause(failure);
    return refusal;
  }
}
