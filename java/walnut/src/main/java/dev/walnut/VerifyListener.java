package dev.walnut;

/**
 * Hears how far {@link Wal#verify(java.nio.file.Path, String, VerifyListener)}, a salvage or a
 * backup has come. Called by the calling thread; what a method throws ends the work.
 */
public interface VerifyListener {
  /** Hears nothing. */
  VerifyListener NONE = new VerifyListener() {};

  /**
   * So much is done. Starts again at 0 for a second look at what seems damaged, and for each step
   * of a salvage.
   *
   * @param done of {@code total}
   * @param total bytes, or segments where a salvage writes
   */
  default void progress(long done, long total) {}

  /**
   * Something looks wrong. What it is worth, and whether a writer was only at work there, is known
   * at the end, in the report.
   */
  default void suspected(Damage place) {}
}
