package dev.walnut.internal.segment;

/**
 * Format 1 in numbers; {@code docs/FORMAT.md} draws it. Offsets are bytes, integers little-endian.
 */
final class Format {
  static final int VERSION = 1;

  // Header block.
  static final int HEADER_BYTES = 4096;
  static final long HEADER_MAGIC = magic("WALNUTSG");
  static final int HEADER_CRC_AT = HEADER_BYTES - 4;
  static final int FLAG_COMMIT = 1;
  static final int LOGICAL_LOGS_MAX = 16;
  static final int GAPS_MAX = 32;
  static final int NO_SEGMENT = -1;

  // Batch.
  static final int BATCH_ALIGN = 8;
  static final int BATCH_HEADER_BYTES = 48;
  static final int BATCH_MAGIC = 0x4254_4C57; // "WLTB"
  static final int BATCH_BODY_CRC_AT = 36;
  static final int BATCH_CRC_AT = 44;
  static final int KIND_ENTRIES = 1;
  static final int KIND_MARK = 2;

  // Record: its checksum stands first, so that it covers one unbroken range.
  static final int RECORD_HEADER_BYTES = 8;
  static final int RECORD_TYPE_AT = 8;
  static final int TYPE_ENTRY = 1;
  static final int TYPE_TOMBSTONE = 2;
  static final int TYPE_TRUNCATE_BEFORE = 3;
  static final int TYPE_TRUNCATE_AFTER = 4;
  static final int TYPE_RESET = 5;
  static final int TYPE_MARK = 6;
  static final int TYPE_JOINED = 0x80;

  /** The shortest record: its header, a type and an array of one small number. */
  static final int RECORD_BYTES_MIN = RECORD_HEADER_BYTES + 3;

  // Footer.
  static final int SUMMARY_BYTES = 640;
  static final long SUMMARY_MAGIC = magic("WALNUTFT");
  static final int SUMMARY_CRC_AT = SUMMARY_BYTES - 4;
  static final int TABLE_CONSECUTIVE = 1;
  static final int TABLE_SCATTERED = 2;

  /** In an offset table: the entry was tombstoned within its own segment. */
  static final int OFFSET_TOMBSTONED = 0x8000_0000;

  /** A segment file is smaller than this, footer included. */
  static final long SEGMENT_BYTES_LIMIT = 1L << 31;

  /** No structure speaks of a later sequence, so that sums of them are numbers. */
  static final long SEQUENCE_MAX = 1L << 62;

  /** The shortest entry: a record's header and type, an array of three, each of the smallest. */
  static final int ENTRY_BYTES_MIN = RECORD_HEADER_BYTES + 6;

  private Format() {}

  private static long magic(String text) {
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = value << 8 | text.charAt(i);
    }
    return value;
  }

  static int align(int offset) {
    return (offset + BATCH_ALIGN - 1) & -BATCH_ALIGN;
  }

  /** The second half of a salt; the first is the epoch. */
  static long saltHigh(int segment, int offset) {
    return (segment & 0xFFFF_FFFFL) | ((long) offset << 32);
  }
}
