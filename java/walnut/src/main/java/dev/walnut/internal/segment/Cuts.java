package dev.walnut.internal.segment;

import java.util.Arrays;

/**
 * What was taken off one end of a log since it was opened, so that a reader can tell what of it
 * came after a view it holds. Immutable.
 */
final class Cuts {
  /*
   * A cut matters only until a later one goes as deep, so those kept go less and less deep. Their
   * number is bounded all the same: the two oldest become one, of the later number and the greater
   * depth, which errs on the side of telling a slow reader.
   */
  private static final int KEPT_MAX = 64;

  static final Cuts NONE = new Cuts(0, new long[0], new long[0]);

  private final long count;
  private final long[] numbers;
  private final long[] indexes;

  private Cuts(long count, long[] numbers, long[] indexes) {
    this.count = count;
    this.numbers = numbers;
    this.indexes = indexes;
  }

  /** How many there were. */
  long count() {
    return count;
  }

  /** The same and one more; the smaller the index, the deeper the cut. */
  Cuts with(long index) {
    int kept = indexes.length;
    while (kept > 0 && indexes[kept - 1] >= index) {
      kept--;
    }
    int from = kept == KEPT_MAX ? 1 : 0;
    long[] newNumbers = Arrays.copyOfRange(numbers, from, kept + 1);
    long[] newIndexes = Arrays.copyOfRange(indexes, from, kept + 1);
    if (from > 0) {
      newIndexes[0] = indexes[0];
    }
    newNumbers[kept - from] = count + 1;
    newIndexes[kept - from] = index;
    return new Cuts(count + 1, newNumbers, newIndexes);
  }

  /** The deepest of those that came after the first {@code seen}; MAX_VALUE if there were none. */
  long deepestSince(long seen) {
    for (int i = 0; i < numbers.length; i++) {
      if (numbers[i] > seen) {
        return indexes[i];
      }
    }
    return Long.MAX_VALUE;
  }
}
