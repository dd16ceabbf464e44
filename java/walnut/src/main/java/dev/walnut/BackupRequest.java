package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import dev.walnut.internal.segment.LogBackup;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes everything before it durable, and remembers what the log is then. */
final class BackupRequest extends Request {
  private @Nullable LogBackup backup;

  BackupRequest(Thread waiter) {
    super(waiter, /* durable= */ true);
  }

  @Override
  long addTo(EntryStore store) throws IOException {
    backup = store.beginBackup();
    return 0;
  }

  @Override
  boolean alone() {
    return true;
  }

  /** What was remembered; if the request succeeded. */
  LogBackup backup() {
    LogBackup begun = backup;
    assert begun != null : "asked for after success only";
    return begun;
  }

  @Override
  String describe() {
    return "backup";
  }
}
