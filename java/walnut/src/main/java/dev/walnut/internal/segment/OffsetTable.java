package dev.walnut.internal.segment;

import java.util.Arrays;

/**
 * Where the entries of one sealed segment lie: the lower level of the index. Immutable; offsets in
 * it may carry {@link Format#OFFSET_TOMBSTONED}.
 *
 * <p>Consecutive indexes take 4 bytes of heap each, scattered ones 12.
 */
abstract sealed class OffsetTable {
  /** What {@link #find} returns for an index that is not there; no entry lies at offset 0. */
  static final int ABSENT = 0;

  /** The offset of an index, with its flag, or {@link #ABSENT}. */
  abstract int find(long index);

  /** The position of the first index at or above {@code index}; {@link #count} if there is none. */
  abstract int lowerBound(long index);

  /** The index at a position. */
  abstract long indexAt(int position);

  /** The offset at a position, with its flag. */
  abstract int offsetAt(int position);

  abstract int count();

  /** The same table without spare room. */
  OffsetTable compact() {
    return this;
  }

  /** Makes a table of the smallest kind from indexes in rising order. */
  static OffsetTable of(long[] indexes, int[] offsets) {
    int count = indexes.length;
    if (count == 0) {
      return new Consecutive(0, new int[0], 0);
    }
    boolean consecutive = indexes[count - 1] - indexes[0] == count - 1;
    return consecutive
        ? new Consecutive(indexes[0], offsets, count)
        : new Scattered(indexes, offsets);
  }

  /** Base + position = index. */
  static final class Consecutive extends OffsetTable {
    private final long base;
    private final int[] offsets;
    private final int count;

    /** Takes the first {@code count} offsets; the array may hold more. */
    Consecutive(long base, int[] offsets, int count) {
      this.base = base;
      this.offsets = offsets;
      this.count = count;
    }

    @Override
    int find(long index) {
      long position = index - base;
      return 0 <= position && position < count ? offsets[(int) position] : ABSENT;
    }

    @Override
    int lowerBound(long index) {
      return index <= base ? 0 : (int) Math.min(index - base, count);
    }

    @Override
    long indexAt(int position) {
      return base + position;
    }

    @Override
    int offsetAt(int position) {
      return offsets[position];
    }

    @Override
    int count() {
      return count;
    }

    @Override
    OffsetTable compact() {
      return count == offsets.length
          ? this
          : new Consecutive(base, Arrays.copyOf(offsets, count), count);
    }
  }

  /** Sorted indexes beside their offsets. */
  static final class Scattered extends OffsetTable {
    private final long[] indexes;
    private final int[] offsets;

    Scattered(long[] indexes, int[] offsets) {
      this.indexes = indexes;
      this.offsets = offsets;
    }

    @Override
    int find(long index) {
      int position = Arrays.binarySearch(indexes, index);
      return position >= 0 ? offsets[position] : ABSENT;
    }

    @Override
    int lowerBound(long index) {
      int position = Arrays.binarySearch(indexes, index);
      return position >= 0 ? position : -position - 1;
    }

    @Override
    long indexAt(int position) {
      return indexes[position];
    }

    @Override
    int offsetAt(int position) {
      return offsets[position];
    }

    @Override
    int count() {
      return indexes.length;
    }
  }
}
