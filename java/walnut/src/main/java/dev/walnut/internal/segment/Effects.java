package dev.walnut.internal.segment;

import java.util.Arrays;

/**
 * What a segment's records do to the segments before it. A footer carries it, so that a log opens
 * without reading its bodies. All of it only ever removes or marks, so the order within a segment
 * does not matter.
 */
final class Effects {
  static final long NONE = -1;

  private long truncateBefore = NONE;
  private long truncateBeforeSequence;
  private long truncateAfter = NONE;
  private long truncateAfterSequence;
  private long reset = NONE;
  private long resetSequence;
  private long[] tombstoned = new long[0];
  private long[] tombstonedSequences = new long[0];
  private int tombstones;

  /** Keeps the largest. */
  void truncateBefore(long firstKept, long sequence) {
    if (firstKept > truncateBefore) {
      truncateBefore = firstKept;
      truncateBeforeSequence = sequence;
    }
  }

  /** Keeps the smallest. */
  void truncateAfter(long lastKept, long sequence) {
    if (truncateAfter == NONE || lastKept < truncateAfter) {
      truncateAfter = lastKept;
      truncateAfterSequence = sequence;
    }
  }

  /** Keeps the last. */
  void reset(long nextIndex, long sequence) {
    reset = nextIndex;
    resetSequence = sequence;
  }

  /** An entry of an earlier segment was tombstoned. */
  void tombstone(long index, long sequence) {
    if (tombstones == tombstoned.length) {
      int capacity = Math.max(8, 2 * tombstones);
      tombstoned = Arrays.copyOf(tombstoned, capacity);
      tombstonedSequences = Arrays.copyOf(tombstonedSequences, capacity);
    }
    tombstoned[tombstones] = index;
    tombstonedSequences[tombstones++] = sequence;
  }

  long truncateBefore() {
    return truncateBefore;
  }

  long truncateBeforeSequence() {
    return truncateBeforeSequence;
  }

  long truncateAfter() {
    return truncateAfter;
  }

  long truncateAfterSequence() {
    return truncateAfterSequence;
  }

  long reset() {
    return reset;
  }

  long resetSequence() {
    return resetSequence;
  }

  /** How many entries of earlier segments were tombstoned. */
  int tombstones() {
    return tombstones;
  }

  long tombstonedIndex(int i) {
    return tombstoned[i];
  }

  long tombstonedSequence(int i) {
    return tombstonedSequences[i];
  }
}
