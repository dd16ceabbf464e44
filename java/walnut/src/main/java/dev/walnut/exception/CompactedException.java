package dev.walnut.exception;

/**
 * The entries asked for were removed, by retention or by truncation, while they were being read.
 */
public final class CompactedException extends WalException {
  private static final long serialVersionUID = 1;

  /**
   * @param message the index asked for and the first one that is left
   */
  public CompactedException(String message) {
    super(message);
  }
}
