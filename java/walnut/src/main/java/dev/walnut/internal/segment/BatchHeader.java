package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.BATCH_CRC_AT;
import static dev.walnut.internal.segment.Format.BATCH_HEADER_BYTES;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The 48 bytes before a batch's records.
 *
 * @param kind entries or mark
 * @param flags none is known yet
 * @param bodyBytes length of the body, padding included
 * @param records records in the body
 * @param firstSequence the sequence of the first one
 * @param durableThrough every sequence up to this one was durable when it was written
 * @param chain the header CRC of the batch before it, across segments
 * @param bodyCrc checksum of the body
 * @param crc checksum of this header
 */
record BatchHeader(
    int kind,
    int flags,
    int bodyBytes,
    int records,
    long firstSequence,
    long durableThrough,
    int chain,
    int bodyCrc,
    int crc) {

  /** Writes all but the two checksums into {@code target[at, at + 48)}. */
  static void encode(
      ByteBuffer target,
      int at,
      int kind,
      int bodyBytes,
      int records,
      long firstSequence,
      long durableThrough,
      int chain) {
    target.putInt(at, Format.BATCH_MAGIC);
    target.putInt(at + 4, kind);
    target.putInt(at + 8, bodyBytes);
    target.putInt(at + 12, records);
    target.putLong(at + 16, firstSequence);
    target.putLong(at + 24, durableThrough);
    target.putInt(at + 32, chain);
    target.putInt(at + 40, 0);
  }

  /**
   * The header in {@code source[at, at + 48)}, or null if its checksum does not prove it.
   *
   * @param crc to sum with
   * @param epoch the segment's
   * @param number the segment's
   * @param offset where in the segment's file it lies
   */
  static @Nullable BatchHeader decodeAuthentic(
      ByteBuffer source, int at, SaltedCrc crc, long epoch, int number, long offset) {
    if (source.getInt(at) != Format.BATCH_MAGIC
        || crc.of(epoch, number, (int) offset, source, at, BATCH_CRC_AT)
            != source.getInt(at + BATCH_CRC_AT)) {
      return null;
    }
    return decode(source, at);
  }

  static BatchHeader decode(ByteBuffer source, int at) {
    return new BatchHeader(
        source.getShort(at + 4) & 0xFFFF,
        source.getShort(at + 6) & 0xFFFF,
        source.getInt(at + 8),
        source.getInt(at + 12),
        source.getLong(at + 16),
        source.getLong(at + 24),
        source.getInt(at + 32),
        source.getInt(at + Format.BATCH_BODY_CRC_AT),
        source.getInt(at + BATCH_CRC_AT));
  }

  /** Bytes of the whole batch. */
  int bytes() {
    return BATCH_HEADER_BYTES + bodyBytes;
  }

  long lastSequence() {
    return firstSequence + records - 1;
  }

  /** Whether a batch of this kind can look like this, given the bytes left for its body. */
  boolean isPlausible(long bytesLeft) {
    return bodyBytes > 0
        && bodyBytes % Format.BATCH_ALIGN == 0
        && bodyBytes <= bytesLeft
        && records > 0
        && records <= bodyBytes / Format.RECORD_BYTES_MIN
        && firstSequence > 0
        && firstSequence <= Format.SEQUENCE_MAX
        && durableThrough >= 0
        && durableThrough < firstSequence;
  }

  /** Whether kind and flags are ones that this version writes. */
  boolean isKnown() {
    return (kind == Format.KIND_ENTRIES || kind == Format.KIND_MARK) && flags == 0;
  }
}
