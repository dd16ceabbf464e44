package dev.walnut.exception;

/**
 * Another opener, here or in another process, has the log open for writing. Nothing was touched.
 */
public final class LogLockedException extends WalException {
  private static final long serialVersionUID = 1;

  /**
   * @param message the log and, as far as known, the holder
   * @param cause what the machine said
   */
  public LogLockedException(String message, Throwable cause) {
    super(message, cause);
  }
}
