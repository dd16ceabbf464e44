package dev.walnut;

import java.io.IOException;

/** Every sync mode in turn on one log, and what is durable in each whatever the mode. */
final class KillScriptOfModes {
  private KillScriptOfModes() {}

  static void run(KillRun run) throws IOException {
    run.open(run.small().syncMode(SyncMode.NONE));
    run.write(1, 2, 3, 4, 5);
    run.sync();
    run.tombstone(2);
    run.writeBatch(6, 7, 8, 9);
    run.writeWithSync(10);
    run.write(11, 12, 13, 14);
    run.truncateAfter(12);
    run.write(13, 14);
    run.close();

    run.open(run.small().syncMode(SyncMode.INTERVAL));
    run.write(15, 16);
    run.awaitInterval();
    run.write(17, 18, 19, 20);
    run.truncateBefore(9);
    run.writeTogether(21, 22, 23);
    run.awaitInterval();
    run.tombstone(20);
    run.close();

    run.open(run.small().syncMode(SyncMode.EVERY_WRITE));
    run.writeLarge(24, 20_000); // larger than a segment
    run.write(25, 26);
    run.idle();
    run.close();

    run.open(run.small());
    run.writeTogether(30, 27, 28);
    run.idle();
    run.writeTogether(29, 31, 32);
    run.close();
  }
}
