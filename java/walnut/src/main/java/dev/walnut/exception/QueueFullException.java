package dev.walnut.exception;

/**
 * The write queue has no room and the log is set to refuse rather than wait. Nothing was written.
 */
public final class QueueFullException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /**
   * @param message the queue's size and its limit
   */
  public QueueFullException(String message) {
    super(message);
  }
}
