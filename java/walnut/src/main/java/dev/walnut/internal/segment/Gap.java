package dev.walnut.internal.segment;

/**
 * Segments whose loss was accepted, by {@code unsafeRecover} or by salvage.
 *
 * @param firstSegment the first missing segment's number
 * @param lastSegment the last missing segment's number
 * @param firstSequence the first missing sequence
 * @param lastSequence the last missing sequence; {@code firstSequence - 1} if none is missing
 */
record Gap(int firstSegment, int lastSegment, long firstSequence, long lastSequence) {

  /** Whether the header of segment {@code carrier} can speak of it. */
  boolean isPlausible(int carrier) {
    return firstSegment >= 0
        && lastSegment >= firstSegment - 1
        && lastSegment < carrier
        && firstSequence >= 0
        && lastSequence >= firstSequence - 1;
  }

  boolean contains(int segment) {
    return firstSegment <= segment && segment <= lastSegment;
  }
}
