package dev.walnut.internal.segment;

/** A set of non-negative numbers, 8 to 16 bytes each. */
final class LongSet {
  private long[] keys = new long[64];
  private int count;

  /** Adds a number; false if it was there. */
  boolean add(long number) {
    if (2 * (count + 1) > keys.length) {
      grow();
    }
    return insert(number + 1);
  }

  private boolean insert(long key) {
    int mask = keys.length - 1;
    int slot = (int) ((key * 0x9E37_79B9_7F4A_7C15L) >>> 32) & mask;
    while (keys[slot] != 0) {
      if (keys[slot] == key) {
        return false;
      }
      slot = slot + 1 & mask;
    }
    keys[slot] = key;
    count++;
    return true;
  }

  private void grow() {
    long[] old = keys;
    keys = new long[2 * old.length];
    count = 0;
    for (long key : old) {
      if (key != 0) {
        insert(key);
      }
    }
  }
}
