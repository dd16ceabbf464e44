package dev.walnut.internal.segment;

import dev.walnut.exception.WalException;

/**
 * The file of a new segment cannot be made, for want of descriptors say; the store is as before.
 */
public final class NoSegmentException extends WalException {
  private static final long serialVersionUID = 1;

  /**
   * @param message operation, file, reason
   * @param cause what the machine said
   */
  public NoSegmentException(String message, Throwable cause) {
    super(message, cause);
  }
}
