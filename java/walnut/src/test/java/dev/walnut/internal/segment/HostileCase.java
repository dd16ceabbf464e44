package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Logs that no writer leaves, with every checksum right: each number in them is a trap. */
enum HostileCase {
  RECORD_LENGTH_BOMB(dir -> recordLength(dir, Integer.MAX_VALUE)),
  RECORD_LENGTH_NEGATIVE(dir -> recordLength(dir, -9)),
  RECORD_LENGTH_ZERO(dir -> recordLength(dir, 0)),
  BODY_LENGTH_BOMB(dir -> batchField(dir, 8, 0x7fff_fff8)),
  BODY_LENGTH_NEGATIVE(dir -> batchField(dir, 8, -8)),
  RECORD_COUNT_BOMB(dir -> batchField(dir, 12, Integer.MAX_VALUE)),
  RECORD_COUNT_NEGATIVE(dir -> batchField(dir, 12, -1)),
  RECORD_COUNT_TOO_LARGE_FOR_THE_BODY(dir -> batchField(dir, 12, 2)),
  KEY_LENGTH_BOMB(dir -> record(dir, "9301db7fffffff6bc40176")),
  VALUE_LENGTH_BOMB(dir -> record(dir, "9301a16bc67fffffff76")),
  ARRAY_LENGTH_BOMB(dir -> record(dir, "dd7fffffff01a16bc40176")),
  NESTED_DEEPLY(dir -> record(dir, "9301a16b" + "91".repeat(100_000) + "01")),
  UNCOMMON_RECORD_OF_80_MIB(dir -> uncommonRecord(dir, 80 << 20)),
  INDEXES_AT_THE_TOP(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.batch(0, 5, Long.MAX_VALUE - 2, Long.MAX_VALUE - 1, Long.MAX_VALUE);
        layout.batch(0, 6);
        layout.writeIn(dir);
      }),
  CONSECUTIVE_INDEXES_UP_TO_THE_TOP(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.batch(0, Long.MAX_VALUE - 1, Long.MAX_VALUE);
        layout.footer(1);
        layout.writeIn(dir);
      }),
  THE_SAME_INDEX_TWICE(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.batch(0, 1, 1, 2, 1);
        layout.writeIn(dir);
      }),
  TRUNCATIONS_AT_THE_TOP(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.batch(0, 1, 2);
        layout.truncateAfter(Long.MAX_VALUE).truncateBefore(Long.MAX_VALUE, 0);
        layout.truncateAfter(0).reset(Long.MAX_VALUE).reset(0).end(0);
        layout.writeIn(dir);
      }),
  TRUNCATE_AFTER_BELOW_THE_FLOOR(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.batch(0, 1, 2);
        layout.truncateBefore(10, 0).truncateAfter(3).end(0);
        layout.writeIn(dir);
      }),
  OLDEST_SEGMENT_NOT_BORN_YET(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.batch(0, 1, 2);
        layout.truncateBefore(2, 99).end(0);
        layout.writeIn(dir);
      }),
  OLDEST_SEGMENT_ABOVE_32_BITS(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout
            .record(Format.TYPE_TRUNCATE_BEFORE, HexFormat.of().parseHex("9201cf0000000100000000"))
            .end(0);
        layout.writeIn(dir);
      }),
  SEQUENCES_AT_THE_TOP(dir -> firstSequence(dir, Long.MAX_VALUE - 2)),
  SEQUENCES_NEARLY_USED_UP(dir -> firstSequence(dir, Format.SEQUENCE_MAX - 2)),
  FIRST_SEQUENCE_NEGATIVE(dir -> headerLong(dir, 64, -1)),
  FLOOR_NEGATIVE(dir -> headerLong(dir, 128, Long.MIN_VALUE)),
  LAST_INDEX_AT_THE_TOP(dir -> headerLong(dir, 136, Long.MAX_VALUE)),
  DURABLE_THROUGH_AT_THE_TOP(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.batch(0, 1);
        int footer = layout.footer(1);
        layout.putLong(footer + 72, Long.MAX_VALUE).stampSummary(footer);
        layout.writeIn(dir);
      }),
  PREDECESSOR_IS_ITSELF(dir -> predecessor(dir, 1)),
  PREDECESSOR_IS_LATER(dir -> predecessor(dir, 2)),
  PREDECESSOR_NEGATIVE(dir -> predecessor(dir, Integer.MIN_VALUE)),
  GAPS_OVER_EVERYTHING(
      dir -> {
        SegmentLayout first = new SegmentLayout();
        first.batch(0, 1);
        first.writeIn(dir);
        SegmentLayout second = new SegmentLayout(first.next(1, new IndexBounds(0, 1)));
        second.batch(1, 2);
        second.putInt(116, 2).putInt(504, Integer.MIN_VALUE).putInt(508, Integer.MAX_VALUE);
        second.putLong(512, Long.MAX_VALUE).putLong(520, Long.MIN_VALUE);
        second.stampHeader();
        second.writeIn(dir);
      }),
  VALID_LENGTH_BEHIND_THE_FILE(dir -> footerInt(dir, 20, 0x7fff_fff8)),
  VALID_LENGTH_NEGATIVE(dir -> footerInt(dir, 20, -8)),
  TABLE_COUNT_BOMB(dir -> footerInt(dir, 40, Integer.MAX_VALUE)),
  TOMBSTONE_COUNT_BOMB(dir -> footerInt(dir, 32, Integer.MAX_VALUE)),
  TOMBSTONE_COUNT_NEGATIVE(dir -> footerInt(dir, 32, -1)),
  ENTRIES_WRITTEN_BOMB(dir -> footerInt(dir, 44, Integer.MAX_VALUE)),
  LAST_BATCH_AT_ODD_PLACE(dir -> footerInt(dir, 140, 4097)),
  FOOTER_LOW_WATER_NOT_BORN_YET(dir -> footerInt(dir, 84, Integer.MAX_VALUE)),
  FOOTER_BOUNDS_NEGATIVE(dir -> footerLong(dir, 160, Long.MIN_VALUE)),
  FOOTER_FLOOR_AT_THE_TOP(dir -> footerLong(dir, 152, Long.MAX_VALUE)),
  FOOTER_LAST_SEQUENCE_NEGATIVE(dir -> footerLong(dir, 64, Long.MIN_VALUE)),
  FOOTER_EFFECTS_NEGATIVE(dir -> footerLong(dir, 104, Long.MIN_VALUE)),
  TABLE_POINTS_BEHIND_THE_FILE(dir -> table(dir, 0x7fff_fff0, 1, 2, 3)),
  TABLE_POINTS_AT_NOTHING(dir -> table(dir, 0, 1, 2, 3)),
  TABLE_POINTS_INTO_THE_HEADER(dir -> table(dir, 64, 1, 2, 9)),
  TABLE_INDEXES_FALL(dir -> table(dir, 0x1030, 9, 3, 1)),
  TABLE_INDEXES_NEGATIVE(dir -> table(dir, 0x1030, Long.MIN_VALUE, -1, 9)),
  TABLE_OF_80_MIB_OVER_ONE_RECORD(dir -> hugeFooter(dir, 40, 20 << 20, 20 << 20, 4)),
  TOMBSTONES_OF_80_MIB_OVER_ONE_RECORD(dir -> hugeFooter(dir, 32, 5 << 20, 1, 16)),
  HIGHEST_SEGMENT_NUMBER_UNBORN(
      dir -> {
        Files.write(dir.resolve("segment_" + (Integer.MAX_VALUE - 1)), new byte[8192]);
      }),
  FOOTER_ALONE(
      dir -> {
        SegmentLayout layout = new SegmentLayout();
        layout.footer(0);
        layout.writeIn(dir);
      });

  /** Puts files into a directory. */
  private interface Log {
    void layOut(Path dir) throws IOException;
  }

  private final Log log;

  HostileCase(Log log) {
    this.log = log;
  }

  /** Writes the log's files into an empty directory. */
  void layOut(Path dir) throws IOException {
    log.layOut(dir);
  }

  private static void recordLength(Path dir, int length) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    int batch = layout.batch(0, 2);
    int record = batch + Format.BATCH_HEADER_BYTES;
    layout.putInt(record + 4, length).stampRecord(record);
    layout.stampBatch(batch);
    layout.writeIn(dir);
  }

  private static void batchField(Path dir, int at, int value) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    int batch = layout.batch(0, 2);
    layout.putInt(batch + at, value).stampBatch(batch);
    layout.batch(0, 3);
    layout.writeIn(dir);
  }

  private static void record(Path dir, String body) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.recordOf(1, Format.TYPE_ENTRY, HexFormat.of().parseHex(body)).end(0);
    layout.batch(0, 2);
    layout.footer(2);
    layout.writeIn(dir);
    SegmentLayout next = new SegmentLayout(layout.next(2, new IndexBounds(0, 2)));
    next.batch(2, 3);
    next.writeIn(dir);
  }

  private static void firstSequence(Path dir, long sequence) throws IOException {
    SegmentHeader first = SegmentLayout.firstHeader();
    SegmentLayout layout =
        new SegmentLayout(
            new SegmentHeader(
                first.logId(),
                0,
                first.epoch(),
                first.successorEpoch(),
                true,
                0,
                sequence,
                null,
                0,
                0,
                IndexBounds.FRESH,
                List.of()));
    layout.batch(0, 1);
    layout.writeIn(dir);
  }

  private static void headerLong(Path dir, int at, long value) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    layout.putLong(at, value).stampHeader();
    layout.writeIn(dir);
  }

  private static void predecessor(Path dir, int number) throws IOException {
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1);
    first.writeIn(dir);
    SegmentLayout second = new SegmentLayout(first.next(1, new IndexBounds(0, 1)));
    second.batch(1, 2);
    SegmentLayout third = new SegmentLayout(second.next(2, new IndexBounds(0, 2)));
    third.batch(2, 3);
    third.writeIn(dir);
    second.putInt(72, number).stampHeader();
    second.writeIn(dir);
  }

  private static void footerInt(Path dir, int at, int value) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    int footer = layout.footer(2);
    layout.putInt(footer + at, value).stampSummary(footer);
    layout.writeIn(dir);
  }

  private static void footerLong(Path dir, int at, long value) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    int footer = layout.footer(2);
    layout.putLong(footer + at, value).stampSummary(footer);
    layout.writeIn(dir);
  }

  /** Three scattered entries, sealed; the table gives them these indexes, and one offset. */
  private static void table(Path dir, int offset, long... indexes) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2, 9);
    int footer = layout.footer(3);
    for (int i = 0; i < indexes.length; i++) {
      layout.putLong(layout.end() + 8 * i, indexes[i]);
    }
    layout.putInt(layout.end() + 8 * indexes.length + 4, offset).stampFooter(footer);
    layout.writeIn(dir);
    SegmentLayout next = new SegmentLayout(layout.next(3, new IndexBounds(0, 9)));
    next.batch(3, 10);
    next.writeIn(dir);
  }

  /** A footer over one entry that says there are many, with as many zeros in their place. */
  private static void hugeFooter(Path dir, int countAt, int count, int lastIndex, int elementBytes)
      throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    int footer = layout.footer(1);
    int moved = layout.moveFooter(footer, (countAt == 40 ? 0 : 8) + count * elementBytes);
    layout.putInt(moved + countAt, count).putLong(moved + 56, lastIndex).stampFooter(moved);
    layout.writeIn(dir);
    SegmentLayout next = new SegmentLayout(layout.next(1, new IndexBounds(0, 1)));
    next.batch(1, 2);
    next.writeIn(dir);
  }

  private static void uncommonRecord(Path dir, int bytes) throws IOException {
    byte[] body = Arrays.copyOf(HexFormat.of().parseHex("9403a16bc40176c6"), bytes + 12);
    ByteBuffer.wrap(body).putInt(8, bytes);
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    layout.record(Format.TYPE_ENTRY, body).end(0);
    layout.writeIn(dir);
  }
}
