package dev.walnut;

import java.io.IOException;

/**
 * What is done to a log until it is killed. A script for a further call of the API is one more
 * constant, and a class of its own.
 */
enum KillScript {
  ENDS(KillScriptOfEnds::run),
  RETENTION(KillScriptOfRetention::run),
  MODES(KillScriptOfModes::run),
  TAIL(KillScriptOfTailing::run),
  SALVAGE(KillScriptOfSalvage::run),
  BACKUP(KillScriptOfBackup::run);

  private interface Steps {
    void take(KillRun run) throws IOException;
  }

  private final Steps steps;

  KillScript(Steps steps) {
    this.steps = steps;
  }

  void run(KillRun run) throws IOException {
    steps.take(run);
  }
}
