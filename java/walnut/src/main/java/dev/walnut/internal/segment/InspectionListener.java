package dev.walnut.internal.segment;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Hears what a {@link SegmentInspector} sees: {@link #begin}, then for each segment its facts and
 * its batches, each before its records, then every finding.
 */
public interface InspectionListener {

  /** Before all else: what there is to look at. */
  void begin(int segments, long fileBytes);

  void segment(SegmentFacts segment);

  void batch(BatchFacts batch);

  void record(RecordFacts record);

  void finding(FindingFacts finding);

  /** Something that will be a finding, at the moment it is met; its verdict is not final. */
  default void suspect(FindingFacts finding) {}

  /** Whether records are to be shown with their key and the start of their value. */
  default boolean wantsContent() {
    return true;
  }

  /** What is wrong with something, or nothing. */
  enum Check {
    OK,
    /** The checksum, or what it covers, is wrong. */
    DAMAGED,
    /** The checksum is right and this version cannot read it. */
    UNKNOWN,
    /** There is none, or only zeros in its place. */
    ABSENT
  }

  /** How a finding has to be taken. */
  enum Verdict {
    /** Not proven durable by anything in the log: opening cuts it off, or makes a footer again. */
    TORN,
    /** Was durable, and is wrong. */
    CORRUPT,
    /** An earlier opening has cut it off; of no concern. */
    DEAD,
    /** Written by a newer version. */
    UNSUPPORTED
  }

  /**
   * A segment's own words about itself.
   *
   * @param file its file
   * @param number its number, by its name
   * @param fileBytes the file's size
   * @param header what the header block is worth; if not OK, the header's numbers are 0
   * @param commit whether it was made by creating or ending a log rather than by rotation
   * @param createdMillis when
   * @param firstSequence the sequence its first record takes
   * @param oldestKept the oldest segment kept
   * @param durableThrough what the header vouches for
   * @param footer what the footer is worth; if not OK, the footer's numbers are 0
   * @param footerEntries entries alive at the segment's last record
   * @param footerFirstIndex the smallest of them
   * @param footerLastIndex the largest of them
   */
  record SegmentFacts(
      Path file,
      int number,
      long fileBytes,
      Check header,
      boolean commit,
      long createdMillis,
      long firstSequence,
      int oldestKept,
      long durableThrough,
      Check footer,
      int footerEntries,
      long footerFirstIndex,
      long footerLastIndex) {}

  /**
   * A batch whose header is authentic.
   *
   * @param file the segment's file
   * @param offset where it starts
   * @param bytes its length, header included
   * @param mark whether it carries no entries, only the word that what came before is durable
   * @param firstSequence its first record's sequence
   * @param records how many there are
   * @param durableThrough every sequence up to this one was durable when it was written
   * @param chained whether it follows from the batch before it
   * @param check what its body is worth
   */
  record BatchFacts(
      Path file,
      long offset,
      long bytes,
      boolean mark,
      long firstSequence,
      int records,
      long durableThrough,
      boolean chained,
      Check check) {}

  /**
   * A record.
   *
   * @param file the segment's file
   * @param offset where it starts
   * @param bytes its length
   * @param sequence its number in the order written
   * @param type {@link Format}'s number for what it is
   * @param joined whether it belongs to the same write batch as the record before it
   * @param index of an entry or tombstone; the argument of a truncation or reset; else 0
   * @param oldestSegment of a truncate-before; else 0
   * @param key of an entry; else empty
   * @param keyBytes the key's length
   * @param valueBytes the value's length
   * @param valueStart the value's first bytes, read-only
   * @param check what it is worth; if not OK, everything behind {@code joined} is empty
   */
  record RecordFacts(
      Path file,
      long offset,
      long bytes,
      long sequence,
      int type,
      boolean joined,
      long index,
      long oldestSegment,
      String key,
      int keyBytes,
      int valueBytes,
      ByteBuffer valueStart,
      Check check) {}

  /**
   * A place where a file does not hold what it should.
   *
   * @param file the file, which may be missing
   * @param offset where, in bytes
   * @param sequence the first sequence concerned; 0 if none can be named
   * @param expected what should be there
   * @param found what is there
   */
  record FindingFacts(
      Path file, long offset, long sequence, String expected, String found, Verdict verdict) {}
}
