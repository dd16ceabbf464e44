package dev.walnut.cli;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import org.jspecify.annotations.Nullable;

/**
 * Ends a process by SIGKILL, at once.
 *
 * <p>The JDK's own way reads {@code /proc} first, to be sure of the process, and so is later than
 * the end of the write call that was to be met. The process must be one that this one started and
 * has not waited for: its number cannot be another's then.
 */
final class Kill {
  private static final int SIGKILL = 9;

  private final Process process;
  private final @Nullable Function kill;

  /** Gets ready, so that {@link #now} has nothing else to do. */
  Kill(Process process) {
    this.process = process;
    this.kill = find();
  }

  private static @Nullable Function find() {
    if (Platform.isWindows()) {
      return null;
    }
    try {
      return Function.getFunction("c", "kill");
    } catch (UnsatisfiedLinkError e) {
      return null; // no JNA here, as where the Java back end runs for that: the JDK's way is left
    }
  }

  void now() {
    if (kill == null || kill.invokeInt(new Object[] {(int) process.pid(), SIGKILL}) != 0) {
      process.toHandle().destroyForcibly(); // Process's own would close the pipe too
    }
  }
}
