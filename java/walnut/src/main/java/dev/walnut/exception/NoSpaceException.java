package dev.walnut.exception;

/**
 * The disk, a quota or a size limit has no room. The write was refused before any byte of it was
 * written; the log goes on, and the same write may succeed later.
 */
public final class NoSpaceException extends WalException {
  private static final long serialVersionUID = 1;

  /**
   * @param message operation, file, bytes asked for, reason
   * @param cause what the machine said
   */
  public NoSpaceException(String message, Throwable cause) {
    super(message, cause);
  }
}
