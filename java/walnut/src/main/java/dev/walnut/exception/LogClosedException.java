package dev.walnut.exception;

/** The log is closed. A write that got this exception was not written. */
public final class LogClosedException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /**
   * @param message operation and log
   */
  public LogClosedException(String message) {
    super(message);
  }
}
