package dev.walnut;

/** How much opening reads. */
public enum OpenCheck {
  /**
   * The headers and footers of all segments, and the batches of the last. Damage elsewhere is found
   * by the first read that meets it.
   */
  FOOTERS,

  /** Every batch of every segment. */
  FULL
}
