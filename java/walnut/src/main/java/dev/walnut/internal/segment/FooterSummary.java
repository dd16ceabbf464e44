package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.SUMMARY_BYTES;
import static dev.walnut.internal.segment.Format.SUMMARY_CRC_AT;

import dev.walnut.exception.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The last bytes of a sealed or cleanly closed segment. All of it is a snapshot at the segment's
 * last record, whenever it was written.
 *
 * @param number the segment's number
 * @param validBytes where the last batch ends and the offset table begins
 * @param tableKind {@link Format#TABLE_CONSECUTIVE} or {@link Format#TABLE_SCATTERED}
 * @param tableCrc checksum of the offset table
 * @param entries entries in the offset table: those alive at the segment's last record
 * @param entriesWritten entries the segment took, alive or not
 * @param firstIndex the smallest index in the table; 0 if it is empty
 * @param lastIndex the largest index in the table; 0 if it is empty
 * @param tombstonesCrc checksum of the list of tombstoned indexes
 * @param lastSequence the last record's sequence
 * @param durableThrough every sequence up to this one was durable when it was written
 * @param lastBatchCrc the last batch's header CRC
 * @param lastBatchAt where the last batch starts; 0 if there is none
 * @param lowWater the oldest segment kept
 * @param bounds the ends of the log behind the segment's last record
 * @param effects what it does to earlier segments; its list of tombstones is empty until read
 * @param tombstones the length of that list
 */
record FooterSummary(
    int number,
    int validBytes,
    int tableKind,
    int tableCrc,
    int entries,
    int entriesWritten,
    long firstIndex,
    long lastIndex,
    int tombstonesCrc,
    long lastSequence,
    long durableThrough,
    int lastBatchCrc,
    int lastBatchAt,
    int lowWater,
    IndexBounds bounds,
    Effects effects,
    int tombstones) {

  static final int TABLE_CRC_AT = 28;
  static final int TOMBSTONES_CRC_AT = 36;
  static final int DURABLE_THROUGH_AT = 72;

  /** Bytes of an offset table, padding included. */
  static long tableBytes(int kind, long entries) {
    long bytes = entries * (kind == Format.TABLE_CONSECUTIVE ? 4 : 12);
    return bytes + 7 & -8;
  }

  long tableBytes() {
    return tableBytes(tableKind, entries);
  }

  long tombstonesAt() {
    return validBytes + tableBytes();
  }

  long tombstonesBytes() {
    return 16L * tombstones;
  }

  /** Where the summary itself starts, and, with its length, where the file ends. */
  long summaryAt() {
    return tombstonesAt() + tombstonesBytes();
  }

  /** The same with a list of tombstones that was made again. */
  FooterSummary with(Effects read) {
    return new FooterSummary(
        number,
        validBytes,
        tableKind,
        tableCrc,
        entries,
        entriesWritten,
        firstIndex,
        lastIndex,
        tombstonesCrc,
        lastSequence,
        durableThrough,
        lastBatchCrc,
        lastBatchAt,
        lowWater,
        bounds,
        read,
        tombstones);
  }

  /** Whether this says the same of the segment's end as its successor's header does. */
  boolean agreesWith(Predecessor facts) {
    return facts.validBytes() == validBytes
        && facts.lastSequence() == lastSequence
        && facts.lastBatchCrc() == lastBatchCrc;
  }

  /** Whether a segment with this header can end as this says. */
  boolean agreesWith(SegmentHeader header) {
    return validBytes == Format.HEADER_BYTES
        ? lastSequence == header.firstSequence() - 1 && lastBatchCrc == header.chainStart()
        : lastSequence >= header.firstSequence();
  }

  /** Writes all but the three checksums into {@code target[at, at + 640)}, which holds zeros. */
  void encode(ByteBuffer target, int at) {
    target.putLong(at, Format.SUMMARY_MAGIC);
    target.putInt(at + 8, 0);
    target.putInt(at + 12, tableKind);
    target.putInt(at + 16, number);
    target.putInt(at + 20, validBytes);
    target.putInt(at + 24, (int) tableBytes());
    target.putInt(at + 32, tombstones);
    target.putInt(at + 40, entries);
    target.putInt(at + 44, entriesWritten);
    target.putLong(at + 48, firstIndex);
    target.putLong(at + 56, lastIndex);
    target.putLong(at + 64, lastSequence);
    target.putLong(at + DURABLE_THROUGH_AT, durableThrough);
    target.putInt(at + 80, lastBatchCrc);
    target.putInt(at + 84, lowWater);
    target.putLong(at + 88, effects.truncateBefore());
    target.putLong(at + 96, effects.truncateBeforeSequence());
    target.putLong(at + 104, effects.truncateAfter());
    target.putLong(at + 112, effects.truncateAfterSequence());
    target.putLong(at + 120, effects.reset());
    target.putLong(at + 128, effects.resetSequence());
    target.putInt(at + 136, 1);
    target.putInt(at + 140, lastBatchAt);
    target.putInt(at + 144, 0);
    target.putLong(at + 152, bounds.floor());
    target.putLong(at + 160, bounds.last());
  }

  /**
   * Reads the summary in {@code source[0, 640)}, which are the last bytes of a file.
   *
   * @return the summary, or null if it is not an authentic one of this segment
   * @throws UnsupportedFormatException if it is authentic and of a kind this version does not know
   */
  static @Nullable FooterSummary decode(
      ByteBuffer source, int segment, long epoch, long fileBytes, SaltedCrc crc, Path file)
      throws UnsupportedFormatException {
    int summaryAt = (int) (fileBytes - SUMMARY_BYTES);
    if (source.getLong(0) != Format.SUMMARY_MAGIC
        || crc.of(epoch, segment, summaryAt, source, 0, SUMMARY_CRC_AT)
            != source.getInt(SUMMARY_CRC_AT)) {
      return null;
    }
    int kind = source.getInt(12);
    boolean known =
        source.getInt(8) == 0
            && (kind == Format.TABLE_CONSECUTIVE || kind == Format.TABLE_SCATTERED)
            && source.getInt(136) == 1
            && source.getInt(144) == 0;
    if (!known) {
      throw new UnsupportedFormatException(
          "open "
              + file
              + " at offset "
              + summaryAt
              + ": footer flags "
              + source.getInt(8)
              + ", table kind "
              + kind
              + ", "
              + source.getInt(136)
              + " logical logs are not all known to this version");
    }
    FooterSummary summary = decodeFields(source, kind);
    return summary.isPlausible(segment, fileBytes) ? summary : null;
  }

  private static FooterSummary decodeFields(ByteBuffer source, int kind) {
    Effects effects = new Effects();
    if (source.getLong(88) != Effects.NONE) {
      effects.truncateBefore(source.getLong(88), source.getLong(96));
    }
    if (source.getLong(104) != Effects.NONE) {
      effects.truncateAfter(source.getLong(104), source.getLong(112));
    }
    if (source.getLong(120) != Effects.NONE) {
      effects.reset(source.getLong(120), source.getLong(128));
    }
    return new FooterSummary(
        source.getInt(16),
        source.getInt(20),
        kind,
        source.getInt(TABLE_CRC_AT),
        source.getInt(40),
        source.getInt(44),
        source.getLong(48),
        source.getLong(56),
        source.getInt(TOMBSTONES_CRC_AT),
        source.getLong(64),
        source.getLong(72),
        source.getInt(80),
        source.getInt(140),
        source.getInt(84),
        new IndexBounds(source.getLong(152), source.getLong(160)),
        effects,
        source.getInt(32));
  }

  private boolean isPlausible(int segment, long fileBytes) {
    return number == segment
        && validBytes >= Format.HEADER_BYTES
        && validBytes % Format.BATCH_ALIGN == 0
        && entries >= 0
        && entriesWritten >= 0
        && tombstones >= 0
        && countsFit()
        && summaryAt() + SUMMARY_BYTES == fileBytes
        && firstIndex >= 0
        && lastIndex >= firstIndex
        && lastIndex - firstIndex >= entries - 1
        && (tableKind == Format.TABLE_SCATTERED
            || entries == 0
            || lastIndex - firstIndex == entries - 1)
        && lastBatchAt >= 0
        && lastBatchAt < validBytes
        && lastSequence <= Format.SEQUENCE_MAX
        && durableThrough >= 0
        && durableThrough <= Format.SEQUENCE_MAX
        && lowWater >= 0
        && lowWater <= number
        && bounds.isPlausible();
  }

  /**
   * Whether so many can lie in the segment: what they take on the heap is bounded by its length.
   */
  private boolean countsFit() {
    int batchBytes = validBytes - Format.HEADER_BYTES;
    return entries <= entriesWritten
        && entriesWritten <= batchBytes / Format.ENTRY_BYTES_MIN
        && tombstones <= batchBytes / Format.RECORD_BYTES_MIN;
  }
}
