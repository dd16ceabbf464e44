package dev.walnut;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Collects what Walnut logs as a warning or worse, and keeps it off the console meanwhile. */
final class LoggedWarnings extends Handler implements AutoCloseable {
  /** Held strongly: the logging system would forget an unused one, with its handlers. */
  private final Logger logger = Logger.getLogger("dev.walnut");

  private final List<String> messages = new CopyOnWriteArrayList<>();

  /** Thrown once a message was taken; null for nothing. */
  private final @Nullable RuntimeException thrown;

  LoggedWarnings() {
    this(null);
  }

  LoggedWarnings(@Nullable RuntimeException thrown) {
    this.thrown = thrown;
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  List<String> messages() {
    return messages;
  }

  @Override
  public void publish(LogRecord record) {
    if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
      messages.add(record.getLevel() + " " + record.getMessage());
      if (thrown != null) {
        throw thrown;
      }
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
