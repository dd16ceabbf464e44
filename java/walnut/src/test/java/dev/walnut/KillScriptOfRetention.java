package dev.walnut;

import java.io.IOException;
import java.time.Duration;

/** Retention by segments, bytes and age, with a hold in its way. */
final class KillScriptOfRetention {
  private KillScriptOfRetention() {}

  static void run(KillRun run) throws IOException {
    run.open(run.small().maxSegments(3));
    run.append(11);
    run.hold(7);
    run.append(8);
    run.tombstone(8);
    run.releaseHolds();
    run.append(4);
    run.close();

    run.open(run.small().retainBytes(40_000).syncMode(SyncMode.NONE));
    run.append(7);
    run.truncateAfter(27);
    run.append(3);
    run.close();

    // Nothing else syncs here: what goes is gone before the new front is durable, if retention is
    // hasty.
    run.open(run.small().maxSegments(2).syncMode(SyncMode.NONE));
    run.append(14);
    run.close();

    run.open(run.small().retainFor(Duration.ofMinutes(5)));
    run.append(4);
    run.pass(Duration.ofMinutes(4));
    run.append(4);
    run.pass(Duration.ofMinutes(4));
    run.append(4);
    run.close();
  }
}
