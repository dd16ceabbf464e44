package dev.walnut.internal.segment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The upper level of the index: which sealed segment may hold an index. Immutable. */
final class SealedIndex {
  static final SealedIndex EMPTY = new SealedIndex(List.of());

  private final List<IndexPart> parts;

  /** Parts with entries, oldest first. */
  private final IndexPart[] filled;

  /** Whether the ranges of the filled parts follow one another without overlapping. */
  private final boolean ordered;

  SealedIndex(List<IndexPart> parts) {
    this.parts = List.copyOf(parts);
    this.filled = parts.stream().filter(p -> !p.isEmpty()).toArray(IndexPart[]::new);
    this.ordered = areOrdered(filled);
  }

  private static boolean areOrdered(IndexPart[] parts) {
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].min() <= parts[i - 1].max()) {
        return false;
      }
    }
    return true;
  }

  /** Every sealed segment's part, oldest first, empty ones included. */
  List<IndexPart> parts() {
    return parts;
  }

  /** The parts that have entries. */
  IndexPart[] filled() {
    return filled;
  }

  /** The part that holds an index, or null. */
  @Nullable IndexPart find(long index) throws IOException {
    if (ordered) {
      IndexPart candidate = candidate(index);
      return candidate != null && candidate.find(index) != OffsetTable.ABSENT ? candidate : null;
    }
    for (int i = filled.length - 1; i >= 0; i--) {
      if (filled[i].find(index) != OffsetTable.ABSENT) {
        return filled[i];
      }
    }
    return null;
  }

  /** The first part whose largest index is not below {@code index}. */
  private @Nullable IndexPart candidate(long index) {
    int low = 0;
    int high = filled.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (filled[middle].max() < index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < filled.length ? filled[low] : null;
  }

  /** The smallest index; {@link Long#MAX_VALUE} if there is none. */
  long min() {
    long min = Long.MAX_VALUE;
    for (IndexPart part : filled) {
      min = Math.min(min, part.min());
    }
    return min;
  }

  long size() {
    long size = 0;
    for (IndexPart part : filled) {
      size += part.count();
    }
    return size;
  }

  SealedIndex with(List<IndexPart> newest) {
    List<IndexPart> more = new ArrayList<>(parts.size() + newest.size());
    more.addAll(parts);
    more.addAll(newest);
    return new SealedIndex(more);
  }

  /** The parts of the segments below a number. */
  List<IndexPart> below(int segment) {
    return parts.stream().filter(p -> p.segment().number() < segment).toList();
  }

  /** The oldest segment that has entries; {@code tail} if none has. */
  int oldestInUse(int tail) {
    return filled.length == 0 ? tail : filled[0].segment().number();
  }

  /** The same without the segments below a number. */
  SealedIndex from(int oldestSegment) {
    return new SealedIndex(
        parts.stream().filter(p -> p.segment().number() >= oldestSegment).toList());
  }

  /** The same without the entries outside {@code [from, to]}. */
  SealedIndex within(long from, long to) throws IOException {
    List<IndexPart> kept = new ArrayList<>(parts.size());
    for (IndexPart part : parts) {
      kept.add(part.within(from, to));
    }
    return new SealedIndex(kept);
  }
}
