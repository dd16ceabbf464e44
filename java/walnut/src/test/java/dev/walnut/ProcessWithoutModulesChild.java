package dev.walnut;

import java.io.IOException;
import java.nio.file.Path;

/** Uses a log, and says which modules it can see and how the log is seen. */
final class ProcessWithoutModulesChild {
  private ProcessWithoutModulesChild() {}

  /** Takes a back end's name and a directory. */
  public static void main(String[] arguments) throws IOException {
    WalConfig config =
        WalConfig.forDatabase(Path.of(arguments[1]))
            .backend(Backend.valueOf(arguments[0]))
            .segmentThreshold(10)
            .registerMBean(true)
            .build();
    try (Wal wal = Wal.open(config)) {
      ProcessWithoutLibraryChild.use(wal, 50);
      WalStats stats = wal.stats();
      System.out.println(
          stats.backend()
              + ": "
              + wal.size()
              + " entries, "
              + stats.syncTimes().count()
              + " syncs, jdk.jfr "
              + ModuleLayer.boot().findModule("jdk.jfr").isPresent()
              + ", java.management "
              + ModuleLayer.boot().findModule("java.management").isPresent());
    }
  }
}
