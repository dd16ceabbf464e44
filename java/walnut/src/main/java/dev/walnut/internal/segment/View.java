package dev.walnut.internal.segment;

import java.io.IOException;

/**
 * What a reader sees: immutable, but for entries behind its end that the tail's table may already
 * hold, and for tombstones.
 */
final class View {
  private final SealedIndex sealed;
  private final Segment tail;
  private final TailTable tailTable;
  private final int tailEnd;
  private final long floor;
  private final long last;
  private final long size;
  private final long durableIndex;
  private final Cuts frontCuts;
  private final Cuts endCuts;

  /**
   * @param sealed the sealed segments' entries
   * @param tail the segment being written
   * @param tailTable the tail's entries
   * @param tailEnd entries of the tail that lie at or behind this offset are not visible
   * @param floor indexes below it are not taken any more
   * @param last the last index
   * @param size the number of entries
   * @param durableIndex the durable index
   * @param frontCuts what was removed from the front so far, as −(largest index removed)
   * @param endCuts what was taken back at the end so far, as the last index kept
   */
  View(
      SealedIndex sealed,
      Segment tail,
      TailTable tailTable,
      int tailEnd,
      long floor,
      long last,
      long size,
      long durableIndex,
      Cuts frontCuts,
      Cuts endCuts) {
    this.sealed = sealed;
    this.tail = tail;
    this.tailTable = tailTable;
    this.tailEnd = tailEnd;
    this.floor = floor;
    this.last = last;
    this.size = size;
    this.durableIndex = durableIndex;
    this.frontCuts = frontCuts;
    this.endCuts = endCuts;
  }

  SealedIndex sealed() {
    return sealed;
  }

  Segment tail() {
    return tail;
  }

  int tailEnd() {
    return tailEnd;
  }

  long floor() {
    return floor;
  }

  long last() {
    return last;
  }

  long size() {
    return size;
  }

  long durableIndex() {
    return durableIndex;
  }

  /** What was removed from the front so far, as −(largest index removed). */
  Cuts frontCuts() {
    return frontCuts;
  }

  /** What was taken back at the end so far, as the last index kept. */
  Cuts endCuts() {
    return endCuts;
  }

  /** Whether a reader finds the same in both; tombstones show in either. */
  boolean showsAs(View other) {
    return tail == other.tail
        && tailTable == other.tailTable
        && tailEnd == other.tailEnd
        && durableIndex == other.durableIndex
        && frontCuts == other.frontCuts
        && endCuts == other.endCuts;
  }

  /** Bytes of all segments up to their last batch's end. */
  long bytes() {
    long bytes = tailEnd;
    for (IndexPart part : sealed.parts()) {
      bytes += part.segment().validBytes();
    }
    return bytes;
  }

  /** The offset of an index in the tail, or {@link OffsetTable#ABSENT}. */
  int findInTail(long index) {
    int offset = tailTable.find(index);
    return offset < tailEnd ? offset : OffsetTable.ABSENT;
  }

  /** The tail's visible entries. */
  OffsetTable tailEntries() {
    return tailTable.snapshot(0, tailEnd);
  }

  /** The tail's visible entries; those below an index may be left out. */
  OffsetTable tailEntries(long from) {
    return tailTable.snapshot(from, tailEnd);
  }

  /** The oldest segment that holds an index at or above {@code from}; the tail if none does. */
  int oldestSegment(long from) {
    for (IndexPart part : sealed.filled()) {
      if (part.max() >= from) {
        return part.segment().number();
      }
    }
    return tail.number();
  }

  /** The smallest index, or last + 1 if there is none. */
  long first() throws IOException {
    if (size == 0) {
      return last + 1;
    }
    long first = sealed.min();
    OffsetTable entries = tailEntries();
    return entries.count() == 0 ? first : Math.min(first, entries.indexAt(0));
  }
}
