package dev.walnut.internal.segment;

import java.util.Arrays;

/** The records a scan found, without their bytes: 17 bytes of heap each. */
final class RecordList {
  private byte[] types = new byte[16];
  private long[] arguments = new long[16];
  private int[] offsets = new int[16];
  private int[] oldestSegments = new int[0];
  private int count;
  private int truncations;

  /**
   * @param argument the index of an entry or tombstone, the argument of a truncation or reset
   * @param oldestSegment the oldest segment kept, of a truncate-before
   */
  void add(int type, long argument, int offset, int oldestSegment) {
    if (count == types.length) {
      types = Arrays.copyOf(types, 2 * count);
      arguments = Arrays.copyOf(arguments, 2 * count);
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    types[count] = (byte) type;
    arguments[count] = argument;
    offsets[count] = offset;
    if (type == Format.TYPE_TRUNCATE_BEFORE) {
      addOldestSegment(oldestSegment);
    }
    count++;
  }

  private void addOldestSegment(int oldestSegment) {
    if (truncations == oldestSegments.length) {
      oldestSegments = Arrays.copyOf(oldestSegments, Math.max(4, 2 * truncations));
    }
    oldestSegments[truncations++] = oldestSegment;
  }

  int count() {
    return count;
  }

  int type(int i) {
    return types[i];
  }

  long argument(int i) {
    return arguments[i];
  }

  int offset(int i) {
    return offsets[i];
  }

  /** The oldest segment kept, of the n-th truncate-before. */
  int oldestSegment(int n) {
    return oldestSegments[n];
  }

  /** How many truncate-before records there are. */
  int truncations() {
    return truncations;
  }

  /** Takes back all records but the first {@code kept}, of which so many truncate the front. */
  void cut(int kept, int truncationsKept) {
    count = kept;
    truncations = truncationsKept;
  }
}
