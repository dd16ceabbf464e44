package dev.walnut.internal.segment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the entries of the tail lie: the index's growing end. One writer, many readers.
 *
 * <p>A reader sees every entry that was added before the view it holds was published, and may see
 * later ones; it tells them by their offset, which lies behind the end of its view.
 */
final class TailTable {
  /*
   * Indexes that follow one another need no keys: an array of offsets from a base. The first index
   * that does not follow turns the table into a hash table with open addressing. Arrays that grow
   * are copied; a reader holding the old one finds in it all it may see. A slot's offset is stored
   * before its key, and a slot that was taken is never given to another key.
   */
  private static final VarHandle KEYS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int CAPACITY_MIN = 16;

  private volatile long base;
  private volatile int[] consecutive = new int[CAPACITY_MIN];
  private volatile @Nullable Hash hash;
  private int count;

  /** Keys are index + 1, so that 0 is free; an offset of 0 is an entry taken back. */
  private static final class Hash {
    private final long[] keys;
    private final int[] offsets;

    private Hash(int capacity) {
      keys = new long[capacity];
      offsets = new int[capacity];
    }

    int slot(long key) {
      int mask = keys.length - 1;
      long mixed = key * 0x9E37_79B9_7F4A_7C15L;
      int slot = (int) (mixed >>> 32) & mask;
      while (true) {
        long found = (long) KEYS.getAcquire(keys, slot);
        if (found == key || found == 0) {
          return slot;
        }
        slot = slot + 1 & mask;
      }
    }

    int find(long index) {
      int slot = slot(index + 1);
      return (long) KEYS.getAcquire(keys, slot) == 0 ? OffsetTable.ABSENT : offsets[slot];
    }

    /** Gives a key, which has a slot or is new to the table, its offset. */
    void put(long index, int offset) {
      int slot = slot(index + 1);
      offsets[slot] = offset;
      KEYS.setRelease(keys, slot, index + 1);
    }
  }

  /** Slots of the hash table that are taken, entries taken back included. */
  private int slotsTaken;

  /** The offset of an index, or {@link OffsetTable#ABSENT}. */
  int find(long index) {
    Hash scattered = hash;
    if (scattered != null) {
      return scattered.find(index);
    }
    int[] offsets = consecutive;
    long position = index - base;
    return 0 <= position && position < offsets.length ? offsets[(int) position] : 0;
  }

  /** Adds an entry, or gives an index that was truncated away a new place. */
  void put(long index, int offset) {
    if (hash == null && !follows(index)) {
      scatter();
    }
    if (hash == null) {
      append(index, offset);
      count++;
    } else {
      insert(index, offset);
    }
  }

  private boolean follows(long index) {
    return count == 0 || index == base + count;
  }

  private void append(long index, int offset) {
    if (count == 0) {
      Arrays.fill(consecutive, 0); // what readers of an older view may still find is truncated
      base = index;
    }
    if (count == consecutive.length) {
      consecutive = Arrays.copyOf(consecutive, 2 * count);
    }
    consecutive[count] = offset;
  }

  private void scatter() {
    int capacity = Integer.highestOneBit(Math.max(CAPACITY_MIN, count) * 4);
    Hash made = new Hash(capacity);
    for (int i = 0; i < count; i++) {
      made.put(base + i, consecutive[i]);
    }
    slotsTaken = count;
    hash = made;
  }

  private void insert(long index, int offset) {
    Hash scattered = hash;
    assert scattered != null : "an index that does not follow made the table a hash table";
    if (2 * (slotsTaken + 1) > scattered.keys.length) {
      scattered = rehash(scattered);
    }
    int slot = scattered.slot(index + 1);
    slotsTaken += scattered.keys[slot] == 0 ? 1 : 0;
    count += scattered.offsets[slot] == 0 ? 1 : 0; // no writer puts an index that is there
    scattered.put(index, offset);
  }

  private Hash rehash(Hash old) {
    Hash made = new Hash(Integer.highestOneBit(Math.max(CAPACITY_MIN, count)) * 8);
    slotsTaken = 0;
    for (int i = 0; i < old.keys.length; i++) {
      if (old.offsets[i] != 0) {
        made.put(old.keys[i] - 1, old.offsets[i]);
        slotsTaken++;
      }
    }
    hash = made;
    return made;
  }

  /** Takes back an entry; of consecutive ones only the last. */
  void remove(long index) {
    Hash scattered = hash;
    if (scattered == null) {
      assert index == base + count - 1 : "only the last of consecutive entries can be taken back";
      consecutive[count - 1] = 0;
    } else {
      scattered.offsets[scattered.slot(index + 1)] = 0;
    }
    count--;
  }

  /** Takes back every entry whose index is outside {@code [from, to]}. Readers keep their table. */
  TailTable within(long from, long to) {
    OffsetTable all = snapshot(Integer.MAX_VALUE);
    TailTable kept = new TailTable();
    for (int i = all.lowerBound(from); i < all.count() && all.indexAt(i) <= to; i++) {
      kept.put(all.indexAt(i), all.offsetAt(i));
    }
    return kept;
  }

  int count() {
    return count;
  }

  /** The entries that lie before {@code end}, as an immutable table; for any thread. */
  OffsetTable snapshot(int end) {
    return snapshot(0, end);
  }

  /** The same; entries below an index may be left out. */
  OffsetTable snapshot(long from, int end) {
    Hash scattered = hash;
    return scattered == null
        ? consecutiveBefore(base, consecutive, end)
        : scatteredBefore(scattered, from, end);
  }

  /** Shares the array: what is visible in it never changes. Offsets rise, and free places are 0. */
  private static OffsetTable consecutiveBefore(long base, int[] offsets, int end) {
    int visible = 0;
    int hidden = offsets.length;
    while (visible < hidden) {
      int middle = (visible + hidden) >>> 1;
      if (offsets[middle] != 0 && offsets[middle] < end) {
        visible = middle + 1;
      } else {
        hidden = middle;
      }
    }
    return new OffsetTable.Consecutive(base, offsets, visible);
  }

  private static OffsetTable scatteredBefore(Hash scattered, long from, int end) {
    long[] keys = scattered.keys;
    long[] indexes = new long[keys.length];
    int count = 0;
    for (int i = 0; i < keys.length; i++) {
      long key = (long) KEYS.getAcquire(keys, i);
      int offset = scattered.offsets[i];
      if (key != 0 && key - 1 >= from && offset != 0 && offset < end) {
        indexes[count++] = key - 1;
      }
    }
    long[] sorted = Arrays.copyOf(indexes, count);
    Arrays.sort(sorted);
    int[] offsets = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = scattered.find(sorted[i]);
    }
    return OffsetTable.of(sorted, offsets);
  }
}
