package dev.walnut.internal.platform;

import java.util.Random;

/**
 * A part of a long list of cases, which a seed chooses; with {@code -Dwalnut.soak=true} all of
 * them. Another part is {@code -Dwalnut.soak.seed=N}.
 */
public final class Slice {
  /** Whether every case is taken. */
  public static final boolean ALL = Boolean.getBoolean("walnut.soak");

  public static final long SEED = Long.getLong("walnut.soak.seed", 48);

  private final Random random;
  private final int cases;

  private Slice(int cases, long salt) {
    this.cases = ALL ? 1 : cases;
    this.random = new Random(SEED * 31 + salt);
  }

  /**
   * Takes one of so many cases on average.
   *
   * @param salt makes two slices of one seed unlike
   */
  public static Slice oneOf(int cases, long salt) {
    return new Slice(cases, salt);
  }

  /** Whether the next case is taken. */
  public boolean takes() {
    return cases == 1 || random.nextInt(cases) == 0;
  }

  /** For the message of a case that fails. */
  public static String replay() {
    return "-Dwalnut.soak=" + ALL + " -Dwalnut.soak.seed=" + SEED;
  }
}
