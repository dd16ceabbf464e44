package dev.walnut.internal.platform;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds prlimit, with which a child limits itself. */
public final class Prlimit {
  private Prlimit() {}

  /**
   * Returns if it is there; else ends the test, as skipped or, with the system property {@code
   * native.required} on Linux, whose util-linux has it, as failed.
   */
  public static void required() {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String directory : path.split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(directory, "prlimit"))) {
        return;
      }
    }
    String reason = "no prlimit on the path (Debian package util-linux)";
    if (Boolean.getBoolean("native.required") && Files.exists(Path.of("/proc/self/limits"))) {
      throw new AssertionError(reason);
    }
    Assumptions.abort("not run: " + reason);
  }
}
