package dev.walnut;

import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * Runs a script over the real disk until it is killed, and says through its output what it begins
 * and what was acknowledged. Before one act it waits, so that whoever kills it can get ready.
 */
final class KillChild {
  static final String WAITS = "waits";
  static final String ACT = "act ";
  static final String ACKNOWLEDGED = "acknowledged ";

  private KillChild() {}

  /** Takes the script, the back end, the directory, the seed, and the act to wait before. */
  public static void main(String[] arguments) throws IOException {
    boolean isNative = Backend.valueOf(arguments[1]) == Backend.NATIVE;
    KillRun run =
        new KillRun(
            isNative ? Disks.nativeOrThrow() : Disks.java(),
            Path.of(arguments[2]),
            Long.parseLong(arguments[3]),
            new Teller(System.out, Integer.parseInt(arguments[4])));
    run.run(KillScript.valueOf(arguments[0]));
    System.out.flush();
  }

  private record Teller(PrintStream out, int waitsBefore) implements KillRun.Listener {
    @Override
    public void act(int number) throws IOException {
      if (number == waitsBefore) {
        tell(WAITS);
        if (System.in.read() < 0) {
          throw new IOException("nobody is there to kill");
        }
      }
      tell(ACT + number);
    }

    @Override
    public void acknowledged(int step) {
      tell(ACKNOWLEDGED + step);
    }

    /** In one write to the pipe, so that it is there whole once it is there. */
    private void tell(String line) {
      out.print(line + '\n');
      out.flush();
    }
  }
}
