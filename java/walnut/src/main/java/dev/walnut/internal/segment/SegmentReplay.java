package dev.walnut.internal.segment;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/**
 * What the records of one segment leave: its entries alive at the last of them, what it does to
 * earlier segments, and the ends of the log. The same as {@link LogState} makes of them, in time
 * that does not depend on how many of them are truncations.
 */
final class SegmentReplay {
  private final RecordList records = new RecordList();
  private int count;
  private int truncations;

  /** How many records it holds. */
  int count() {
    return count;
  }

  /** Adds a record behind those it holds. */
  void add(int type, long argument, int offset, int oldestSegment) {
    records.add(type, argument, offset, oldestSegment);
    truncations += type == Format.TYPE_TRUNCATE_BEFORE ? 1 : 0;
    count++;
  }

  int type(int i) {
    return records.type(i);
  }

  long argument(int i) {
    return records.argument(i);
  }

  int offset(int i) {
    return records.offset(i);
  }

  /** Takes back all records but the first {@code kept}. */
  void rollback(int kept) {
    for (int i = kept; i < count; i++) {
      truncations -= records.type(i) == Format.TYPE_TRUNCATE_BEFORE ? 1 : 0;
    }
    count = kept;
    records.cut(kept, truncations);
  }

  int entriesWritten() {
    int entries = 0;
    for (int i = 0; i < count; i++) {
      entries += records.type(i) == Format.TYPE_ENTRY ? 1 : 0;
    }
    return entries;
  }

  /** The oldest segment kept that a truncation names, or {@code atLeast} if that is more. */
  int lowWater(int atLeast) {
    int lowWater = atLeast;
    for (int i = 0; i < truncations; i++) {
      lowWater = Math.max(lowWater, records.oldestSegment(i));
    }
    return lowWater;
  }

  /** The ends of the log behind the last record. */
  IndexBounds bounds(IndexBounds before) {
    long floor = before.floor();
    long last = before.last();
    for (int i = 0; i < count; i++) {
      long argument = records.argument(i);
      switch (records.type(i)) {
        case Format.TYPE_ENTRY -> last = Math.max(last, argument);
        case Format.TYPE_TRUNCATE_BEFORE -> {
          floor = Math.max(floor, argument);
          last = Math.max(last, argument - 1);
        }
        case Format.TYPE_TRUNCATE_AFTER -> last = Math.max(floor - 1, Math.min(last, argument));
        case Format.TYPE_RESET -> {
          floor = argument;
          last = argument - 1;
        }
        default -> {
          // tombstones and marks move no end
        }
      }
    }
    return new IndexBounds(floor, last);
  }

  /**
   * What is left.
   *
   * @param table the entries alive, with the flags of their tombstones
   * @param effects what the records do to earlier segments
   */
  record Left(OffsetTable table, Effects effects) {}

  /*
   * From the last record to the first, since what comes later decides about what came before. Of
   * two entries with one index, which only a lost truncation between them explains, the later one
   * stays.
   */
  Left left() {
    Set<Long> tombstoned = new HashSet<>();
    BitSet alive = new BitSet(count);
    BitSet flagged = new BitSet();
    long from = 0;
    long to = Long.MAX_VALUE;
    for (int i = count - 1; i >= 0; i--) {
      long argument = records.argument(i);
      switch (records.type(i)) {
        case Format.TYPE_ENTRY -> {
          flagged.set(i, tombstoned.remove(argument));
          alive.set(i, from <= argument && argument <= to);
        }
        case Format.TYPE_TOMBSTONE -> tombstoned.add(argument);
        case Format.TYPE_TRUNCATE_BEFORE -> from = Math.max(from, argument);
        case Format.TYPE_TRUNCATE_AFTER -> to = Math.min(to, argument);
        case Format.TYPE_RESET -> to = -1;
        default -> {
          // a mark changes nothing
        }
      }
    }
    return new Left(table(alive, flagged), effects(tombstoned));
  }

  private OffsetTable table(BitSet alive, BitSet flagged) {
    TailTable table = new TailTable();
    for (int i = alive.nextSetBit(0); i >= 0; i = alive.nextSetBit(i + 1)) {
      int flag = flagged.get(i) ? Format.OFFSET_TOMBSTONED : 0;
      table.put(records.argument(i), records.offset(i) | flag);
    }
    return table.snapshot(Integer.MAX_VALUE).compact();
  }

  private Effects effects(Set<Long> tombstoned) {
    Effects effects = new Effects();
    for (int i = 0; i < count; i++) {
      long argument = records.argument(i);
      switch (records.type(i)) {
        case Format.TYPE_TRUNCATE_BEFORE -> effects.truncateBefore(argument, 0);
        case Format.TYPE_TRUNCATE_AFTER -> effects.truncateAfter(argument, 0);
        case Format.TYPE_RESET -> effects.reset(argument, 0);
        default -> {
          // entries and marks do nothing to others; tombstones follow
        }
      }
    }
    tombstoned.forEach(index -> effects.tombstone(index, 0));
    return effects;
  }
}
