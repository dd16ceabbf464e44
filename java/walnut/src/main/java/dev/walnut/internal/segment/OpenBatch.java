package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Memory;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The batch being put together: records in memory, behind room for a segment's header block and the
 * batch's own header, so that all go out as one span. Belongs to the writer.
 */
final class OpenBatch {
  /** Where the batch's header lies in the memory; the segment's header block lies before it. */
  static final int HEADER_AT = Format.HEADER_BYTES;

  /** Where the first record lies. */
  static final int RECORDS_AT = HEADER_AT + Format.BATCH_HEADER_BYTES;

  private final Disk disk;
  private final Memory usual;
  private Memory memory;
  private int end = RECORDS_AT;
  private int records;
  private long smallestIndex = Long.MAX_VALUE;

  // Entries added, to be taken back; and tombstones, to be applied once written.
  private long[] entries = new long[64];
  private long[] lastBefore = new long[64];
  private int entryCount;
  private long[] tombstones = new long[4];
  private long[] tombstoneSequences = new long[4];
  private int tombstoneCount;

  // The savepoint.
  private int savedEnd = RECORDS_AT;
  private int savedRecords;
  private int savedEntries;
  private int savedTombstones;
  private long savedSmallest = Long.MAX_VALUE;

  /** Memory for a usual batch is allocated now, so that none can be missing later. */
  OpenBatch(Disk disk, int usualBytes) {
    this.disk = disk;
    this.usual = disk.allocate(RECORDS_AT + usualBytes + Format.BATCH_ALIGN);
    this.memory = usual;
  }

  Memory memory() {
    return memory;
  }

  boolean isEmpty() {
    return records == 0;
  }

  int records() {
    return records;
  }

  int entries() {
    return entryCount;
  }

  /** Bytes of the records so far. */
  int recordBytes() {
    return end - RECORDS_AT;
  }

  /** Bytes of the body, padding included. */
  int bodyBytes() {
    return Format.align(recordBytes());
  }

  long smallestIndex() {
    return smallestIndex;
  }

  /** Where the next record goes, in the memory. */
  int end() {
    return end;
  }

  /**
   * Makes room for a record and for what is noted of it, so that adding it cannot run out of memory
   * half way; an unusually large batch gets memory of its own.
   */
  void reserve(long bytes) {
    if (entryCount == entries.length) {
      growEntries();
    }
    if (tombstoneCount == tombstones.length) {
      growTombstones();
    }
    long wanted = end + bytes + Format.BATCH_ALIGN;
    if (wanted > memory.capacity()) {
      memory = grown(wanted);
    }
  }

  private void growEntries() {
    long[] moreEntries = Arrays.copyOf(entries, 2 * entryCount);
    lastBefore = Arrays.copyOf(lastBefore, 2 * entryCount);
    entries = moreEntries;
  }

  private void growTombstones() {
    long[] moreTombstones = Arrays.copyOf(tombstones, 2 * tombstoneCount);
    tombstoneSequences = Arrays.copyOf(tombstoneSequences, 2 * tombstoneCount);
    tombstones = moreTombstones;
  }

  private Memory grown(long wanted) {
    long capacity = Math.min(Format.SEGMENT_BYTES_LIMIT - 1, Math.max(wanted, 2L * end));
    Memory larger = disk.allocate((int) Math.max(wanted, capacity));
    ByteBuffer source = memory.bytes();
    larger.bytes().put(RECORDS_AT, source, RECORDS_AT, end - RECORDS_AT);
    return larger;
  }

  /** A record that ends at {@code newEnd} was laid out. */
  private void added(int newEnd) {
    end = newEnd;
    records++;
  }

  void addedEntry(int newEnd, long index, long last) {
    entries[entryCount] = index;
    lastBefore[entryCount++] = last;
    smallestIndex = Math.min(smallestIndex, index);
    added(newEnd);
  }

  void addedTombstone(int newEnd, long index, long sequence) {
    tombstones[tombstoneCount] = index;
    tombstoneSequences[tombstoneCount++] = sequence;
    added(newEnd);
  }

  /** A record was laid out that is neither. */
  void addedOther(int newEnd) {
    added(newEnd);
  }

  boolean tombstones(long index) {
    for (int i = 0; i < tombstoneCount; i++) {
      if (tombstones[i] == index) {
        return true;
      }
    }
    return false;
  }

  int tombstoneCount() {
    return tombstoneCount;
  }

  long tombstone(int i) {
    return tombstones[i];
  }

  long tombstoneSequence(int i) {
    return tombstoneSequences[i];
  }

  void savepoint() {
    savedEnd = end;
    savedRecords = records;
    savedEntries = entryCount;
    savedTombstones = tombstoneCount;
    savedSmallest = smallestIndex;
  }

  /** Takes back what was added since the savepoint, newest first. */
  void rollback(LogState state) {
    while (entryCount > savedEntries) {
      entryCount--;
      state.removeEntry(entries[entryCount], lastBefore[entryCount]);
    }
    end = savedEnd;
    records = savedRecords;
    tombstoneCount = savedTombstones;
    smallestIndex = savedSmallest;
  }

  /** Takes back everything. */
  void discard(LogState state) {
    forgetSavepoint();
    rollback(state);
    memory = usual;
  }

  /** The batch was written. */
  void clear() {
    end = RECORDS_AT;
    records = 0;
    entryCount = 0;
    tombstoneCount = 0;
    smallestIndex = Long.MAX_VALUE;
    memory = usual;
    forgetSavepoint();
  }

  private void forgetSavepoint() {
    savedEnd = RECORDS_AT;
    savedRecords = 0;
    savedEntries = 0;
    savedTombstones = 0;
    savedSmallest = Long.MAX_VALUE;
  }
}
