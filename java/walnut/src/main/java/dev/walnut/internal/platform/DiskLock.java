package dev.walnut.internal.platform;

import java.io.Closeable;

/** A held lock; closing releases it. Closing twice does nothing. */
public interface DiskLock extends Closeable {

  /** Whether the lock file is still the one that was locked: not deleted, not replaced. */
  boolean isIntact();
}
