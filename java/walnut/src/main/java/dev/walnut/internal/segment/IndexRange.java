package dev.walnut.internal.segment;

import java.util.List;

/**
 * Indexes that follow one another.
 *
 * @param first the first
 * @param last the last
 */
public record IndexRange(long first, long last) {

  /**
   * Adds an index to ranges in which it is the largest so far, of which there are so many at most.
   */
  static void add(List<IndexRange> ranges, long index, int max) {
    int count = ranges.size();
    IndexRange before = count == 0 ? null : ranges.get(count - 1);
    if (before != null && (index == before.last() + 1 || count == max)) {
      ranges.set(
          count - 1,
          new IndexRange(Math.min(before.first(), index), Math.max(before.last(), index)));
    } else {
      ranges.add(new IndexRange(index, index));
    }
  }
}
