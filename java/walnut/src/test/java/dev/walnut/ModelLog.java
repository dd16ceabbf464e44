package dev.walnut;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** What a log should hold, and what it held before. */
final class ModelLog {
  /** When something is that has not happened. */
  static final long NEVER = Long.MAX_VALUE;

  /** One entry, from when it was written until it was taken away. */
  static final class Cell {
    final long index;
    final WalEntry written;
    final long born;
    long died = NEVER;
    long tombstoned = NEVER;
    int segment;

    Cell(WalEntry written, long born, int segment) {
      this.index = written.index();
      this.written = written;
      this.born = born;
      this.segment = segment;
    }

    boolean isTombstone() {
      return tombstoned != NEVER;
    }

    WalEntry entry() {
      return isTombstone() ? WalEntry.owning(index, written.key(), new byte[0], true) : written;
    }

    /** Whether who looked at that time may be shown this; a later tombstone may show or not. */
    boolean isShown(WalEntry shown, long since) {
      return shown.equals(entry()) || (tombstoned > since && shown.equals(written));
    }

    @Override
    public String toString() {
      return index + " born " + born + (died == NEVER ? "" : " died " + died);
    }
  }

  /** A cut at an end of the log: the last index kept, or at the front, the last removed. */
  private record Cut(long at, long index) {}

  final TreeMap<Long, Cell> alive = new TreeMap<>();
  private final TreeMap<Long, List<Cell>> ever = new TreeMap<>();
  private final List<Cell> removedInFront = new ArrayList<>();
  private final List<Cut> endCuts = new ArrayList<>();
  private final List<Cut> frontCuts = new ArrayList<>();
  long floor;
  long last;

  /** Every change has a time of its own. */
  long now;

  /** The segment that is written to, by a number that rises. */
  int segment;

  /** The smallest index that no sync is known to have covered. */
  private long smallestUnsynced = NEVER;

  // ---- what is there

  long first() {
    return alive.isEmpty() ? last + 1 : alive.firstKey();
  }

  boolean takes(long index, IndexOrder order) {
    boolean inOrder = order == IndexOrder.UNIQUE || index == last + 1;
    return inOrder && index >= floor && !alive.containsKey(index);
  }

  /** The least that the durable index may be. */
  long durableAtLeast() {
    return smallestUnsynced == NEVER ? last : Math.min(last, smallestUnsynced - 1);
  }

  Collection<Cell> cells(long from, long through) {
    return from > through ? List.of() : alive.subMap(from, true, through, true).values();
  }

  /** Whatever was there under an index at any time. */
  List<Cell> ever(long index) {
    return ever.getOrDefault(index, List.of());
  }

  // ---- what was taken away

  /** The least that any cut at the end has left since. */
  long deepestEndCut(long since) {
    return endCuts.stream().filter(c -> c.at > since).mapToLong(Cut::index).min().orElse(NEVER);
  }

  /** Whether there was one in a stretch of time that left less than this. */
  boolean isCutBelow(long lastKept, long since, long until) {
    return endCuts.stream().anyMatch(c -> c.at > since && c.at < until && c.index < lastKept);
  }

  /** Up to where entries were removed in front since; -1 if they were not. */
  long frontCut(long since) {
    return frontCuts.stream().filter(c -> c.at > since).mapToLong(Cut::index).max().orElse(-1);
  }

  boolean isRemovedInFront(long position, long since) {
    return removedInFront.stream().anyMatch(c -> c.died > since && c.index >= position);
  }

  // ---- changes

  void put(WalEntry entry) {
    Cell cell = new Cell(entry, ++now, segment);
    alive.put(entry.index(), cell);
    ever.computeIfAbsent(entry.index(), i -> new ArrayList<>()).add(cell);
    last = Math.max(last, entry.index());
    smallestUnsynced = Math.min(smallestUnsynced, entry.index());
  }

  void tombstone(long index) {
    Cell cell = alive.get(index);
    if (cell != null && !cell.isTombstone()) {
      cell.tombstoned = ++now;
    }
  }

  void synced() {
    smallestUnsynced = NEVER;
  }

  void truncateBefore(long firstKept) {
    long removedTo = Math.min(firstKept - 1, last);
    List<Cell> removed = List.copyOf(alive.headMap(firstKept).values());
    if (!removed.isEmpty()) {
      removeInFront(removed, removedTo);
    }
    if (firstKept > floor) { // else nothing was written
      floor = firstKept;
      synced();
    }
    last = Math.max(last, floor - 1);
  }

  void truncateAfter(long lastKept) {
    if (lastKept < last) {
      endCuts.add(new Cut(++now, lastKept));
      kill(List.copyOf(alive.tailMap(lastKept, false).values()));
      last = lastKept;
      synced();
    }
  }

  void reset(long next) {
    endCuts.add(new Cut(++now, -1));
    kill(List.copyOf(alive.values()));
    floor = next;
    last = next - 1;
    synced();
  }

  /** What retention takes. */
  void retain(List<Cell> removed) {
    removed.stream()
        .mapToLong(c -> c.index)
        .max()
        .ifPresent(largest -> removeInFront(removed, largest));
  }

  private void removeInFront(List<Cell> removed, long upTo) {
    frontCuts.add(new Cut(++now, upTo));
    kill(removed);
    removedInFront.addAll(removed);
  }

  private void kill(List<Cell> removed) {
    for (Cell cell : removed) {
      cell.died = now;
      alive.remove(cell.index);
    }
  }
}
