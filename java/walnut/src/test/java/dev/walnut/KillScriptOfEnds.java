package dev.walnut;

import java.io.IOException;

/** Truncation at both ends over several sealed segments, resets, tombstones, write batches. */
final class KillScriptOfEnds {
  private KillScriptOfEnds() {}

  static void run(KillRun run) throws IOException {
    run.open(run.small());
    firstLife(run);
    run.close();
    run.open(run.small().recovery(RecoveryMode.STRICT));
    secondLife(run);
    run.close();
  }

  private static void firstLife(KillRun run) throws IOException {
    run.write(1, 2, 3, 4, 5, 6, 7, 8);
    run.writeBatch(9, 10, 11);
    run.tombstone(2);
    run.tombstone(10);
    run.truncateBefore(5);
    run.write(12, 13, 14);
    run.truncateAfter(8); // over two sealed segments and half of a third
    run.write(9, 10, 11, 12);
    run.tombstone(9);
    run.write(20, 30, 40); // scattered
    run.truncateAfter(25);
    run.writeBatch(22, 30);
    run.reset(50);
    run.write(50, 51, 52, 53, 54);
    run.truncateBefore(53);
    run.truncateBefore(100); // beyond the last
    run.write(100, 101, 102, 103);
  }

  private static void secondLife(KillRun run) throws IOException {
    run.truncateAfter(100);
    run.write(101, 102, 103, 104, 105);
    run.truncateAfter(99); // all of it
    run.writeBatch(100, 101);
    run.reset(5);
    run.write(5, 6, 7, 8);
    run.tombstone(5);
    run.truncateBefore(6);
    run.truncateAfter(6);
    run.write(7);
  }
}
