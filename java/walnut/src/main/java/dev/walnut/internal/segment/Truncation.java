package dev.walnut.internal.segment;

import java.nio.ByteBuffer;

/**
 * What the open batch will take away once it is written. What is left is put together before, since
 * that may have to read a table, and behind the write nothing may fail.
 *
 * <p>Segments that it leaves without entries are given up with it. A truncate-before says so
 * anyway; behind the other two goes one that takes nothing away, and is there for that alone.
 *
 * @param kind from which end
 * @param index what the record says: the first index kept, the last one kept, or the next one
 * @param floor indexes below it are refused afterwards
 * @param oldestSegment the oldest segment that is needed afterwards
 * @param givesUp whether that is more than before
 * @param kept what is left
 */
record Truncation(
    Kind kind, long index, long floor, int oldestSegment, boolean givesUp, LogState.Kept kept) {
  /** More than its records take. */
  static final int BYTES_MAX = 64;

  enum Kind {
    BEFORE,
    AFTER,
    /** All goes. */
    RESET
  }

  private boolean hasSecond() {
    return givesUp && kind != Kind.BEFORE;
  }

  /** Adds its records to an empty batch, which has room for them. */
  void addTo(OpenBatch batch) {
    ByteBuffer target = batch.memory().bytes();
    int at = batch.end();
    batch.addedOther(
        switch (kind) {
          case BEFORE -> RecordWriter.truncateBefore(target, at, index, oldestSegment);
          case AFTER -> RecordWriter.truncateAfter(target, at, index);
          case RESET -> RecordWriter.reset(target, at, index);
        });
    if (hasSecond()) {
      batch.addedOther(RecordWriter.truncateBefore(target, batch.end(), floor, oldestSegment));
    }
  }

  /** Its records are written, the first of them under {@code sequence}. */
  void apply(LogState state, long sequence) {
    switch (kind) {
      case BEFORE -> state.truncateBefore(kept, index, oldestSegment, sequence);
      case AFTER -> state.truncateAfter(kept, index, sequence);
      case RESET -> state.reset(kept, index, sequence);
    }
    if (hasSecond()) {
      state.truncateBefore(kept, floor, oldestSegment, sequence + 1);
    }
  }
}
