package dev.walnut;

import dev.walnut.exception.EntryTooLargeException;

/** Checks made before anything is queued. Sizes are added up in {@code long}. */
final class Arguments {
  /** The largest index: one below the top, so that last + 1 is always a number. */
  static final long INDEX_MAX = Long.MAX_VALUE - 1;

  private Arguments() {}

  static long requireIndex(long index) {
    return requireIndex("index", index);
  }

  static long requireIndex(String argument, long index) {
    if (index < 0 || index > INDEX_MAX) {
      throw new IllegalArgumentException(
          argument + ": " + index + " is out of range: 0 to " + INDEX_MAX);
    }
    return index;
  }

  static void requireEntryFits(long keyBytes, int valueBytes, int limitBytes) {
    if (keyBytes + valueBytes > limitBytes) {
      throw new EntryTooLargeException(
          "write an entry of "
              + (keyBytes + valueBytes)
              + " bytes (key "
              + keyBytes
              + ", value "
              + valueBytes
              + "): maxEntryBytes is "
              + limitBytes);
    }
  }
}
