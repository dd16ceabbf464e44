package dev.walnut.internal.segment;

import java.util.ArrayList;
import java.util.List;

/**
 * The holds that are taken. Any thread takes one and gives it up; the writer asks here before it
 * takes anything away from the front.
 */
final class Holds {
  /*
   * One order. A hold and a decision of the writer exclude one another by this object's lock. A hold
   * taken before a decision limits it. One taken behind it is told: it holds from the floor that was
   * decided, and no segment that was given up. A rotation decides and publishes under the lock; so
   * what is visible to who has just taken a hold stays.
   *
   * A hold keeps segments, not only indexes: all that held such an index when it was taken, and all
   * that were written since. So it keeps the files also where truncate-after or reset, which it does
   * not stop, took the entries.
   */
  private final List<Held> held = new ArrayList<>();
  private long floor;
  private int lowWater;

  private final class Held implements EntryStore.Hold {
    private final long fromIndex;
    private final int oldestSegment;

    Held(long fromIndex, int oldestSegment) {
      this.fromIndex = fromIndex;
      this.oldestSegment = oldestSegment;
    }

    @Override
    public long fromIndex() {
      return fromIndex;
    }

    @Override
    public int oldestSegment() {
      return oldestSegment;
    }

    @Override
    public void release() {
      Holds.this.release(this);
    }
  }

  /** Holds what is left from an index on, and the segments from one on. */
  synchronized EntryStore.Hold take(long fromIndex, int oldestSegment) {
    Held hold = new Held(Math.max(fromIndex, floor), Math.max(oldestSegment, lowWater));
    held.add(hold);
    return hold;
  }

  private synchronized void release(Held hold) {
    held.removeIf(h -> h == hold);
  }

  /** Where each begins, smallest first. */
  synchronized List<Long> fromIndexes() {
    return held.stream().map(Held::fromIndex).sorted().toList();
  }

  /** The writer wants everything below an index to go; returns what may be the floor. */
  synchronized long decideFloor(long firstKept) {
    long decided = firstKept;
    for (Held hold : held) {
      decided = Math.min(decided, hold.fromIndex);
    }
    floor = Math.max(floor, decided);
    return floor;
  }

  /** The writer can do without the segments below a number; returns what may be low-water. */
  synchronized int decideLowWater(int oldestSegment) {
    lowWater = Math.max(lowWater, oldestKept(oldestSegment));
    return lowWater;
  }

  /** The oldest segment that stays if the writer can do without those below a number. */
  synchronized int oldestKept(int oldestSegment) {
    int oldest = oldestSegment;
    for (Held hold : held) {
      oldest = Math.min(oldest, hold.oldestSegment);
    }
    return oldest;
  }

  /** What was decided has happened, or will not. */
  synchronized void settle(long floorNow, int lowWaterNow) {
    floor = floorNow;
    lowWater = lowWaterNow;
  }
}
