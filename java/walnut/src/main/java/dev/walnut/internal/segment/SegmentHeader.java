package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.GAPS_MAX;
import static dev.walnut.internal.segment.Format.HEADER_BYTES;
import static dev.walnut.internal.segment.Format.HEADER_CRC_AT;
import static dev.walnut.internal.segment.Format.HEADER_MAGIC;
import static dev.walnut.internal.segment.Format.NO_SEGMENT;

import dev.walnut.exception.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A segment's header block.
 *
 * @param logId the log it belongs to
 * @param number the segment's number, which its name repeats
 * @param epoch salts every checksum of the segment
 * @param successorEpoch the epoch the next segment takes
 * @param commit whether it was made by creating or ending a log rather than by rotation
 * @param createdMillis when, for people and for retention by age
 * @param firstSequence the sequence its first record takes
 * @param predecessor the segment before it, or null in a log's first
 * @param lowWater the oldest segment kept
 * @param durableThrough every sequence up to this one was durable when it was written
 * @param bounds the ends of the log before this segment's first record
 * @param gaps losses that were accepted
 */
record SegmentHeader(
    LogId logId,
    int number,
    long epoch,
    long successorEpoch,
    boolean commit,
    long createdMillis,
    long firstSequence,
    @Nullable Predecessor predecessor,
    int lowWater,
    long durableThrough,
    IndexBounds bounds,
    List<Gap> gaps) {

  private static final int LOGS_AT = 120;
  private static final int LOG_BYTES = 24;
  private static final int GAPS_AT = LOGS_AT + Format.LOGICAL_LOGS_MAX * LOG_BYTES;
  private static final int GAP_BYTES = 24;

  /** What the first batch's chain field holds. */
  int chainStart() {
    return predecessor == null ? 0 : predecessor.lastBatchCrc();
  }

  /** The same, with another durable-through. */
  SegmentHeader durableThrough(long sequence) {
    return new SegmentHeader(
        logId,
        number,
        epoch,
        successorEpoch,
        commit,
        createdMillis,
        firstSequence,
        predecessor,
        lowWater,
        sequence,
        bounds,
        gaps);
  }

  /** Writes everything but the checksum into {@code block[at, at + 4096)}, which holds zeros. */
  void encode(ByteBuffer block, int at) {
    assert gaps.size() <= GAPS_MAX : gaps.size() + " gaps do not fit a header";
    block.putLong(at, HEADER_MAGIC);
    block.putInt(at + 8, Format.VERSION);
    block.putInt(at + 12, commit ? Format.FLAG_COMMIT : 0);
    block.putLong(at + 16, logId.low());
    block.putLong(at + 24, logId.high());
    block.putInt(at + 32, number);
    block.putLong(at + 40, epoch);
    block.putLong(at + 48, successorEpoch);
    block.putLong(at + 56, createdMillis);
    block.putLong(at + 64, firstSequence);
    encodePredecessor(block, at);
    block.putInt(at + 92, lowWater);
    block.putLong(at + 104, durableThrough);
    block.putInt(at + 112, 1);
    block.putInt(at + 116, gaps.size());
    block.putInt(at + LOGS_AT, 0);
    block.putLong(at + LOGS_AT + 8, bounds.floor());
    block.putLong(at + LOGS_AT + 16, bounds.last());
    for (int i = 0; i < gaps.size(); i++) {
      encodeGap(block, at + GAPS_AT + i * GAP_BYTES, gaps.get(i));
    }
  }

  private void encodePredecessor(ByteBuffer block, int at) {
    if (predecessor == null) {
      block.putInt(at + 72, NO_SEGMENT);
      return;
    }
    block.putInt(at + 72, predecessor.number());
    block.putInt(at + 76, predecessor.lastBatchCrc());
    block.putLong(at + 80, predecessor.epoch());
    block.putInt(at + 88, predecessor.validBytes());
    block.putLong(at + 96, predecessor.lastSequence());
  }

  private static void encodeGap(ByteBuffer block, int at, Gap gap) {
    block.putInt(at, gap.firstSegment());
    block.putInt(at + 4, gap.lastSegment());
    block.putLong(at + 8, gap.firstSequence());
    block.putLong(at + 16, gap.lastSequence());
  }

  /**
   * Reads a header block from {@code block[0, 4096)}.
   *
   * @return the header, or null if the block is not an authentic one
   * @throws UnsupportedFormatException if it is authentic and of another version
   */
  static @Nullable SegmentHeader decode(ByteBuffer block, SaltedCrc crc, Path file)
      throws UnsupportedFormatException {
    if (block.getLong(0) != HEADER_MAGIC) {
      return null;
    }
    int number = block.getInt(32);
    if (crc.of(0, number, 0, block, 0, HEADER_CRC_AT) != block.getInt(HEADER_CRC_AT)) {
      return null;
    }
    requireKnown(file, "format version", block.getInt(8), block.getInt(8) == Format.VERSION);
    int flags = block.getInt(12);
    requireKnown(file, "header flags", flags, (flags & ~Format.FLAG_COMMIT) == 0);
    int logs = block.getInt(112);
    requireKnown(file, "number of logical logs", logs, logs == 1);
    requireKnown(file, "logical log", block.getInt(LOGS_AT), block.getInt(LOGS_AT) == 0);
    int gaps = block.getInt(116);
    requireKnown(file, "number of gaps", gaps, 0 <= gaps && gaps <= GAPS_MAX);
    return new SegmentHeader(
        new LogId(block.getLong(16), block.getLong(24)),
        number,
        block.getLong(40),
        block.getLong(48),
        (flags & Format.FLAG_COMMIT) != 0,
        block.getLong(56),
        block.getLong(64),
        decodePredecessor(block),
        block.getInt(92),
        block.getLong(104),
        new IndexBounds(block.getLong(LOGS_AT + 8), block.getLong(LOGS_AT + 16)),
        decodeGaps(block, gaps));
  }

  private static @Nullable Predecessor decodePredecessor(ByteBuffer block) {
    int number = block.getInt(72);
    return number == NO_SEGMENT
        ? null
        : new Predecessor(
            number, block.getLong(80), block.getInt(88), block.getLong(96), block.getInt(76));
  }

  private static List<Gap> decodeGaps(ByteBuffer block, int count) {
    List<Gap> gaps = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int at = GAPS_AT + i * GAP_BYTES;
      gaps.add(
          new Gap(
              block.getInt(at),
              block.getInt(at + 4),
              block.getLong(at + 8),
              block.getLong(at + 16)));
    }
    return List.copyOf(gaps);
  }

  private static void requireKnown(Path file, String what, int found, boolean known)
      throws UnsupportedFormatException {
    if (!known) {
      throw new UnsupportedFormatException(
          "open " + file + " at offset 0: " + what + " " + found + " is not known to this version");
    }
  }

  /** Whether numbers that an accident of a writer could have spoiled make sense together. */
  boolean isPlausible() {
    return number >= 0
        && firstSequence >= 1
        && firstSequence <= Format.SEQUENCE_MAX
        && lowWater >= 0
        && lowWater <= number
        && durableThrough >= 0
        && durableThrough < firstSequence
        && bounds.isPlausible()
        && gaps.stream().allMatch(gap -> gap.isPlausible(number))
        && (predecessor == null || isPlausible(predecessor));
  }

  private boolean isPlausible(Predecessor before) {
    return before.number() >= 0
        && before.number() < number
        && before.validBytes() >= HEADER_BYTES
        && before.validBytes() % Format.BATCH_ALIGN == 0
        && before.lastSequence() < firstSequence;
  }
}
