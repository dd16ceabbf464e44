package dev.walnut.exception;

import java.io.IOException;

/** A problem of the disk or of what lies on it. Its subclasses say which, and what is true then. */
public class WalException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param message operation, object, numbers, reason
   */
  public WalException(String message) {
    super(message);
  }

  /**
   * @param message operation, object, numbers, reason
   * @param cause what the machine said; may be null
   */
  public WalException(String message, Throwable cause) {
    super(message, cause);
  }
}
