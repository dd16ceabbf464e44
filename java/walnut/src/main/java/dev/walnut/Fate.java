package dev.walnut;

import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.WalException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How a request ended, and what its caller is told. */
enum Fate {
  /** As asked for. */
  WRITTEN,
  /** The store would not take it; the caller gets what the store threw. */
  REFUSED,
  /** Nothing of it was written, for want of room; the log goes on. */
  NO_SPACE,
  /** Nothing of it was written, since no segment could be started for it; the log goes on. */
  NO_SEGMENT,
  /** The log had failed, or failed before the request was handed to the disk. */
  NOT_WRITTEN,
  /** The log failed while the request was handed to the disk. */
  UNKNOWN,
  /** The log was closed before its turn. */
  CLOSED;

  /**
   * Returns what the caller gets.
   *
   * @param what the operation and its object
   * @param cause what went wrong first; null only if closed
   */
  Throwable failure(String what, @Nullable Throwable cause) {
    if (this == CLOSED) {
      return new LogClosedException(what + ": the log is closed; not written");
    }
    Throwable reason = cause == null ? new AssertionError(this + " without a cause") : cause;
    return switch (this) {
      case REFUSED -> reason;
      case NO_SPACE -> new NoSpaceException(what + ": not written: " + text(reason), reason);
      case NO_SEGMENT -> new WalException(what + ": not written: " + text(reason), reason);
      case UNKNOWN ->
          failed(
              what + ": the log failed meanwhile, so it may be there or not: ",
              reason,
              Outcome.UNKNOWN);
      default -> failed(what + ": the log has failed; not written: ", reason, Outcome.NOT_WRITTEN);
    };
  }

  /** Throws what the caller gets. */
  IOException thrown(String what, @Nullable Throwable cause) throws IOException {
    Throwable failure = failure(what, cause);
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    throw (Error) failure;
  }

  private static LogFailedException failed(String message, Throwable reason, Outcome outcome) {
    return new LogFailedException(message + text(reason), outcome, reason);
  }

  private static String text(Throwable reason) {
    String message = reason.getMessage();
    return message == null ? reason.getClass().getName() : message;
  }
}
