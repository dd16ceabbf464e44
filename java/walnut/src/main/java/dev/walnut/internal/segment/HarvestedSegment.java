package dev.walnut.internal.segment;

import java.util.Arrays;
import java.util.List;

/**
 * What salvage found in one segment.
 *
 * @param found its file
 * @param number its number, which its name may belie
 * @param epoch its epoch
 * @param table the entries to keep, with the flags of their tombstones
 * @param effects what it does to earlier segments
 * @param lost where records may be missing of which nothing else tells, by rising offset
 */
record HarvestedSegment(
    FoundSegment found,
    int number,
    long epoch,
    OffsetTable table,
    Effects effects,
    List<LostRange> lost) {

  /** Bytes in which a record may have been. */
  record LostRange(long from, long to) {}

  HarvestedSegment with(OffsetTable kept) {
    return new HarvestedSegment(found, number, epoch, kept, effects, lost);
  }

  /** The positions in the table, in the order in which the entries were written. */
  int[] order() {
    long[] keyed = new long[table.count()];
    for (int i = 0; i < keyed.length; i++) {
      keyed[i] = (long) (table.offsetAt(i) & ~Format.OFFSET_TOMBSTONED) << 32 | i;
    }
    Arrays.sort(keyed);
    int[] order = new int[keyed.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keyed[i];
    }
    return order;
  }
}
