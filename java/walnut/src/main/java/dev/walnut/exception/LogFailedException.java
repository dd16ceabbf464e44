package dev.walnut.exception;

/**
 * A write or a sync failed, now or earlier, and the log takes no more writes until it is reopened.
 * What was acknowledged is there and can be read. The cause is the first failure.
 */
public final class LogFailedException extends WalException {
  private static final long serialVersionUID = 1;

  /** What became of the write that got this exception. */
  public enum Outcome {
    /** It is not in the log and never will be. */
    NOT_WRITTEN,
    /** It may or may not be there after the log is reopened. */
    UNKNOWN
  }

  private final Outcome outcome;

  /**
   * @param message operation, object, numbers, reason
   * @param outcome what became of the write
   * @param cause the first failure
   */
  public LogFailedException(String message, Outcome outcome, Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
  }

  /** What became of the write that got this exception. */
  public Outcome outcome() {
    return outcome;
  }
}
