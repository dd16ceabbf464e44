package dev.walnut.cli;

import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * Ends a process by SIGKILL, at once.
 *
 * <p>The JDK's own way reads {@code /proc} first, to be sure of the process, and so comes later
 * than the end of the write call that was to be met. The process must be one that this one started
 * and has not waited for: its number cannot be another's then.
 */
final class Kill {
  private static final int SIGKILL = 9;

  /** Kills nobody; tells whether there is such a process. */
  private static final int NO_SIGNAL = 0;

  private final Process process;
  private final boolean direct;

  /** Gets ready, so that {@link #now} has nothing else to do. */
  Kill(Process process) {
    this.process = process;
    this.direct = canCall((int) process.pid());
  }

  private static boolean canCall(int pid) {
    try {
      return !Platform.isWindows() && Calls.kill(pid, NO_SIGNAL) == 0;
    } catch (LinkageError e) {
      return false; // no JNA here, as where the Java back end runs for that: the JDK's way is left
    }
  }

  void now() {
    if (!direct || Calls.kill((int) process.pid(), SIGKILL) != 0) {
      process.toHandle().destroyForcibly(); // Process's own would close the pipe too
    }
  }

  private static final class Calls {
    static {
      Native.register(Platform.C_LIBRARY_NAME);
    }

    static native int kill(int pid, int signal);
  }
}
