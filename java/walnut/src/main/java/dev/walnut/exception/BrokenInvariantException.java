package dev.walnut.exception;

/**
 * The log found that it was about to break one of its own rules: a defect of this library, or
 * memory that went bad, not the disk. It comes as the cause of a {@link LogFailedException}: the
 * log has failed, nothing that broke the rule was acknowledged, and what was acknowledged before
 * can be read. Please report it.
 */
public final class BrokenInvariantException extends WalException {
  private static final long serialVersionUID = 1;

  /**
   * @param message operation, object, numbers, and the rule
   */
  public BrokenInvariantException(String message) {
    super(message);
  }
}
