package dev.walnut;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * Runs a script over the real disk until it is killed, and says through its output what it begins
 * and what was acknowledged. Before one act it waits, so that whoever kills it can get ready. Or it
 * recovers what such a script has left, which is one act.
 */
final class KillChild {
  static final String WAITS = "waits";
  static final String ACT = "act ";
  static final String ACKNOWLEDGED = "acknowledged ";

  /** In the place of an act to wait before: what was left is recovered, and waited for before. */
  static final int RECOVERY = -1;

  private KillChild() {}

  /** Takes the script, the back end, the directory, the seed, and the act to wait before. */
  public static void main(String[] arguments) throws IOException {
    boolean isNative = Backend.valueOf(arguments[1]) == Backend.NATIVE;
    Disk disk = isNative ? Disks.nativeOrThrow() : Disks.java();
    KillScript script = KillScript.valueOf(arguments[0]);
    Path dir = Path.of(arguments[2]);
    long seed = Long.parseLong(arguments[3]);
    int act = Integer.parseInt(arguments[4]);
    Teller teller = new Teller(System.out, act == RECOVERY ? 0 : act);
    if (act == RECOVERY) {
      teller.act(0);
      new KillCheck(disk, dir, script).recover(seed);
    } else {
      new KillRun(disk, dir, seed, teller).run(script);
    }
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
