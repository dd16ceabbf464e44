package dev.walnut.internal.platform;

import java.nio.file.FileSystemException;

/** Another opener holds the lock. */
public final class LockHeldException extends FileSystemException {
  private static final long serialVersionUID = 1;

  /**
   * @param file the lock file
   * @param holder who holds it, as far as known
   */
  public LockHeldException(String file, String holder) {
    super(file, null, holder);
  }
}
