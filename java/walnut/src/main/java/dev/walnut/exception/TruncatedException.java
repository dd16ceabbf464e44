package dev.walnut.exception;

/**
 * Entries that a cursor has passed were taken back: the end of the log was truncated below the
 * cursor's position, or the log was reset. What is written there now does not continue what the
 * cursor has shown, so it shows nothing more. A new cursor sees the log as it is.
 */
public final class TruncatedException extends WalException {
  private static final long serialVersionUID = 1;

  private final long position;
  private final long lastKept;

  /**
   * @param message operation, object, numbers, reason
   * @param position the index from which on the cursor would have gone on
   * @param lastKept the last index that was kept; −1 if none
   */
  public TruncatedException(String message, long position, long lastKept) {
    super(message);
    this.position = position;
    this.lastKept = lastKept;
  }

  /** The index from which on the cursor would have gone on; it has passed all below. */
  public long position() {
    return position;
  }

  /** The last index that is certainly what it was; −1 if none. */
  public long lastKept() {
    return lastKept;
  }
}
