package dev.walnut.testkit;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The choices of one power cut, all from its seed: how much of what was not synced survives, what
 * is torn, and whether old blocks show.
 */
class PowerCut {
  private final RandomGenerator random;
  private final double kept;
  private final boolean keepsAll;
  private final double ghosts;
  private final double tears;
  private double keptOfFile;

  PowerCut(long seed) {
    this.random = new SplittableRandom(seed);
    double style = random.nextDouble();
    this.keepsAll = style >= 0.9;
    this.kept = style < 0.15 ? 0 : 0.15 + 0.7 * random.nextDouble();
    this.ghosts = random.nextInt(2) == 0 || keepsAll ? 0 : random.nextBoolean() ? 0.5 : 0.9;
    this.tears = random.nextInt(3) > 0 || keepsAll ? 0 : 0.1;
    this.keptOfFile = kept;
  }

  /** Called before the choices of each file; files differ, since they are written back apart. */
  void beginFile() {
    keptOfFile = random.nextInt(10) < 7 ? kept : random.nextInt(2);
  }

  /** Whether everything arrived that was written, in all files, as if just in time. */
  boolean keepsAll() {
    return keepsAll;
  }

  /** Whether a dirty sector of the file has arrived. */
  boolean survives() {
    return keepsAll || random.nextDouble() < keptOfFile;
  }

  /** One of so many possibilities, the last being the newest. */
  int pick(int possibilities) {
    return keepsAll ? possibilities - 1 : random.nextInt(possibilities);
  }

  /** Whether a sector that was written more than once holds an older image than the newest. */
  boolean isOlder() {
    return !keepsAll && random.nextInt(10) < 3;
  }

  /** Whether a sector that has arrived has not arrived whole. */
  boolean tears() {
    return tears > 0 && random.nextDouble() < tears;
  }

  /** Whether an old block shows in a sector by which a file had grown. */
  boolean showsGhost() {
    return ghosts > 0 && random.nextDouble() < ghosts;
  }

  /** For what is done to a sector that is torn or haunted. */
  RandomGenerator random() {
    return random;
  }
}
