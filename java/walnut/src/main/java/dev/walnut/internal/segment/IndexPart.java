package dev.walnut.internal.segment;

import java.io.IOException;

/**
 * A sealed segment's share of the index: its table, less what later truncations removed. Immutable.
 *
 * @param segment the segment
 * @param min its smallest index
 * @param max its largest index
 * @param count its entries
 */
record IndexPart(Segment segment, long min, long max, int count) {

  static IndexPart of(Segment segment, FooterSummary footer) {
    return new IndexPart(segment, footer.firstIndex(), footer.lastIndex(), footer.entries());
  }

  static IndexPart of(Segment segment, OffsetTable table) {
    int count = table.count();
    return count == 0
        ? empty(segment)
        : new IndexPart(segment, table.indexAt(0), table.indexAt(count - 1), count);
  }

  private static IndexPart empty(Segment segment) {
    return new IndexPart(segment, 0, -1, 0);
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** The same without the entries outside {@code [from, to]}. */
  IndexPart within(long from, long to) throws IOException {
    if (isEmpty() || (from <= min && max <= to)) {
      return this;
    }
    if (from > max || to < min) {
      return empty(segment);
    }
    OffsetTable table = segment.table();
    int first = table.lowerBound(Math.max(from, min));
    int end = to >= max ? table.lowerBound(max) + 1 : table.lowerBound(to + 1);
    return first >= end
        ? empty(segment)
        : new IndexPart(segment, table.indexAt(first), table.indexAt(end - 1), end - first);
  }

  /** The offset of an index, with its flag, or {@link OffsetTable#ABSENT}. */
  int find(long index) throws IOException {
    if (index < min || index > max) {
      return OffsetTable.ABSENT;
    }
    return segment.table().find(index);
  }
}
