package dev.walnut.internal.platform;

import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Chooses the body of a {@link Disk}.
 *
 * <p>The system property {@code walnut.native} decides what {@link #automatic} does: {@code on}
 * fails where native is not to be had, {@code off} takes Java, and forbids native to those who ask
 * for it by name; anything else takes native wherever it loads. {@code walnut.native.path} names
 * the library file to load in place of the packaged one.
 */
public final class Disks {
  private static final System.Logger LOG = System.getLogger("dev.walnut");
  private static final String SWITCH = "walnut.native";

  /** The choice is the same for every log of a process, so one line tells it. */
  private static final AtomicBoolean LOGGED = new AtomicBoolean();

  /**
   * A disk and why it is this one.
   *
   * @param disk the body chosen
   * @param reason in words, for statistics and logging
   */
  public record Choice(Disk disk, String reason) {}

  private Disks() {}

  /**
   * Returns the native body where it loads and the Java body elsewhere.
   *
   * @throws NativeUnavailableException if {@code walnut.native} is {@code on} and it does not load
   */
  public static Choice automatic() throws NativeUnavailableException {
    String wanted = System.getProperty(SWITCH, "");
    Choice choice =
        switch (wanted) {
          case "on" -> new Choice(nativeOrThrow(), NativeLibrary.outcome().reason());
          case "off" -> new Choice(java(), switchedOff());
          default -> whateverLoads();
        };
    if (!LOGGED.getAndSet(true)) {
      Level level = choice.disk() instanceof NativeDisk ? Level.DEBUG : Level.INFO;
      LOG.log(level, "back end {0}: {1}", choice.disk().name(), choice.reason());
    }
    return choice;
  }

  /** Returns the Java body. */
  public static Disk java() {
    return JavaDisk.INSTANCE;
  }

  /**
   * Returns the native body.
   *
   * @throws NativeUnavailableException if it does not load here or {@code walnut.native} is {@code
   *     off}
   */
  public static Disk nativeOrThrow() throws NativeUnavailableException {
    if (System.getProperty(SWITCH, "").equals("off")) {
      throw new NativeUnavailableException(switchedOff());
    }
    NativeLibrary.Outcome outcome = NativeLibrary.outcome();
    if (!outcome.loaded()) {
      throw new NativeUnavailableException(outcome.reason());
    }
    return NativeDisk.INSTANCE;
  }

  private static Choice whateverLoads() {
    NativeLibrary.Outcome outcome = NativeLibrary.outcome();
    return new Choice(outcome.loaded() ? NativeDisk.INSTANCE : java(), outcome.reason());
  }

  private static String switchedOff() {
    return "switched off by -D" + SWITCH + "=off";
  }
}
