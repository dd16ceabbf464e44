package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Finds strace, with which tests count a child's system calls, or let some of them fail. */
public final class Strace {
  private Strace() {}

  /**
   * Returns if strace works here; else ends the test, as skipped or, where strace is there and the
   * system property {@code native.required} is set, as failed.
   */
  public static void required() throws Exception {
    Assumptions.assumeTrue(isThere(), "not run: no strace on the path (Debian package strace)");
    if (!works() && Boolean.getBoolean("native.required")) {
      throw new IOException("strace is there, but may not trace a process");
    }
    Assumptions.assumeTrue(works(), "not run: strace may not trace a process here");
  }

  private static boolean isThere() {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String directory : path.split(":", -1)) {
      if (Files.isExecutable(Path.of(directory, "strace"))) {
        return true;
      }
    }
    return false;
  }

  private static boolean works() throws Exception {
    Process process =
        new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor() == 0;
  }
}
