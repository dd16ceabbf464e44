package dev.walnut.exception;

/**
 * A file is intact, and written by a version of Walnut that knows more than this one. Nothing was
 * modified.
 */
public final class UnsupportedFormatException extends WalException {
  private static final long serialVersionUID = 1;

  /**
   * @param message file, offset, what is known and what was found
   */
  public UnsupportedFormatException(String message) {
    super(message);
  }
}
