package dev.walnut;

import java.io.IOException;

/** A log that is damaged within, salvaged, and written on. */
final class KillScriptOfSalvage {
  /** Within the value of the second entry of the second segment, which is the fifth in all. */
  private static final int OFFSET = 4096 + 2 * 64 + 100;

  private KillScriptOfSalvage() {}

  static void run(KillRun run) throws IOException {
    run.open(run.small());
    run.append(4);
    run.tombstone(2);
    run.append(4);
    run.writeBatch(9, 10);
    run.close();
    run.damage(KillRun.PREFIX + "1", OFFSET);
    run.salvage(5);
    run.open(run.small().openCheck(OpenCheck.FULL));
    run.append(4);
    run.close();
  }
}
