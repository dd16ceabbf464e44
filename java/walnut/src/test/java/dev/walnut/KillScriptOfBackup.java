package dev.walnut;

import java.io.IOException;

/** A log of several segments, truncated at both ends, that is copied while it is open. */
final class KillScriptOfBackup {
  private KillScriptOfBackup() {}

  static void run(KillRun run) throws IOException {
    run.open(run.small());
    run.append(8);
    run.tombstone(3);
    run.truncateBefore(2);
    run.truncateAfter(7);
    run.append(4);
    run.idle(); // footers are written: what has one is linked
    run.backup();
    run.append(4);
    run.truncateBefore(6);
    run.close();
  }
}
