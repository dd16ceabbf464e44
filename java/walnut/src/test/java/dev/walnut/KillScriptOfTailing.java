package dev.walnut;

import java.io.IOException;

/** A reader beside the writer, which may show only what no crash takes back. */
final class KillScriptOfTailing {
  private KillScriptOfTailing() {}

  static void run(KillRun run) throws IOException {
    run.open(run.small());
    run.openReader();
    run.append(2);
    run.tail();
    run.append(5);
    run.idle();
    run.tail();
    run.truncateAfter(5);
    run.tail();
    run.append(3);
    run.truncateBefore(4);
    run.tail();
    run.close();
    run.tail();

    run.open(run.small().syncMode(SyncMode.NONE));
    run.tail();
    run.append(4);
    run.tail();
    run.sync();
    run.append(1);
    run.tail();
    run.reset(40);
    run.append(3);
    run.tail();
    run.close();
    run.tail();
  }
}
