package dev.walnut.exception;

/** An entry or a write batch is larger than the configured limit. Nothing was queued. */
public final class EntryTooLargeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /**
   * @param message what was too large, its size and the limit, in bytes
   */
  public EntryTooLargeException(String message) {
    super(message);
  }
}
