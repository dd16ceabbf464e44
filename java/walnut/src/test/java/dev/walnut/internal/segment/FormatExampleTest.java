package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The worked example of {@code docs/FORMAT.md}, read and written by the code it describes. */
class FormatExampleTest {
  private static final int ENTRY_1_AT = 0x1030;
  private static final int ENTRY_2_AT = 0x1042;
  private static final int TOMBSTONE_AT = 0x1080;
  private static final int MARK_BATCH_AT = 0x1090;
  private static final int VALID_BYTES = 0x10d8;
  private static final Path FILE = Path.of("segment_0");

  private byte[] example;
  private SegmentHeader header;
  private FileWindow window;

  @BeforeEach
  void readExample() throws IOException {
    example = FormatExample.bytes();
    header = SegmentHeader.decode(bytes(0, Format.HEADER_BYTES), new SaltedCrc(), FILE);
    window = new FileWindow(this::read, "segment_0", example.length, memory(), Scratch.BYTES);
  }

  @Test
  void header_ofTheExample_saysWhatThePageSays() {
    assertThat(header.isPlausible()).isTrue();
    assertThat(header.logId()).hasToString("1f1e1d1c1b1a19181716151413121110");
    assertThat(header.number()).isZero();
    assertThat(header.epoch()).isEqualTo(0x0123456789abcdefL);
    assertThat(header.commit()).isTrue();
    assertThat(header.firstSequence()).isEqualTo(1);
    assertThat(header.predecessor()).isNull();
    assertThat(header.bounds()).isEqualTo(IndexBounds.FRESH);
    assertThat(header.gaps()).isEmpty();
  }

  @Test
  void header_encodedAgain_hasTheSameBytes() {
    ByteBuffer block = zeros(Format.HEADER_BYTES);

    header.encode(block, 0);

    block.putInt(Format.HEADER_CRC_AT, bytes(0, Format.HEADER_BYTES).getInt(Format.HEADER_CRC_AT));
    assertThat(block.array()).isEqualTo(Arrays.copyOf(example, Format.HEADER_BYTES));
  }

  @Test
  void scan_ofTheExample_findsEveryRecord() throws IOException {
    SegmentScan scan = new SegmentScanner(window, FILE, 0, header.epoch()).scan(header);

    assertThat(scan.end()).isEqualTo(VALID_BYTES);
    assertThat(scan.lastSequence()).isEqualTo(4);
    assertThat(recordsOf(scan))
        .containsExactly(
            List.of(Format.TYPE_ENTRY, 1L, ENTRY_1_AT),
            List.of(Format.TYPE_ENTRY, 2L, ENTRY_2_AT),
            List.of(Format.TYPE_TOMBSTONE, 1L, TOMBSTONE_AT));
  }

  @Test
  void footer_ofTheExample_agreesWithTheBatches() throws IOException {
    FooterReader reader = new FooterReader(window, 0, header.epoch());

    FooterSummary footer = reader.readSummary(FILE);

    assertThat(footer).isNotNull();
    assertThat(footer.validBytes()).isEqualTo(VALID_BYTES);
    assertThat(footer.lastBatchAt()).isEqualTo(MARK_BATCH_AT);
    assertThat(footer.bounds()).isEqualTo(new IndexBounds(0, 2));
    assertThat(new SegmentScanner(window, FILE, 0, header.epoch()).endsAsSaid(footer)).isTrue();
    assertThat(reader.readTombstones(footer)).isTrue();
    OffsetTable table = reader.readTable(footer);
    assertThat(table).isNotNull();
    assertThat(table.count()).isEqualTo(2);
    assertThat(table.find(1)).isEqualTo(ENTRY_1_AT | Format.OFFSET_TOMBSTONED);
    assertThat(table.find(2)).isEqualTo(ENTRY_2_AT);
  }

  @Test
  void footer_encodedAgain_hasTheSameBytes() throws IOException {
    FooterSummary footer = new FooterReader(window, 0, header.epoch()).readSummary(FILE);
    ByteBuffer block = zeros(Format.SUMMARY_BYTES);
    ByteBuffer expected = bytes(example.length - Format.SUMMARY_BYTES, Format.SUMMARY_BYTES);

    assertThat(footer).isNotNull();
    footer.encode(block, 0);

    copyInt(expected, block, FooterSummary.TABLE_CRC_AT);
    copyInt(expected, block, FooterSummary.TOMBSTONES_CRC_AT);
    copyInt(expected, block, Format.SUMMARY_CRC_AT);
    assertThat(block).isEqualTo(expected);
  }

  @Test
  void entry_encodedAgain_hasTheSameBytes() {
    ByteBuffer record = zeros(18);

    int valueAt = RecordWriter.entryHead(record, 0, 1, "a", 1, 3, /* joined= */ false);
    record.put(valueAt, new byte[] {'o', 'n', 'e'});

    copyInt(bytes(ENTRY_1_AT, 18), record, 0);
    assertThat(record).isEqualTo(bytes(ENTRY_1_AT, 18));
  }

  // ---- bytes

  private static List<List<Object>> recordsOf(SegmentScan scan) {
    List<List<Object>> found = new ArrayList<>();
    RecordList records = scan.records();
    for (int i = 0; i < scan.recordCount(); i++) {
      if (records.type(i) != Format.TYPE_MARK) {
        found.add(List.of(records.type(i), records.argument(i), records.offset(i)));
      }
    }
    return found;
  }

  private int read(long offset, Memory target, int from, int length) {
    int count = (int) Math.min(length, example.length - offset);
    target.bytes().put(from, example, (int) offset, count);
    return count;
  }

  private static Memory memory() {
    return Disks.java().allocate(Scratch.BYTES);
  }

  private ByteBuffer bytes(int from, int length) {
    return ByteBuffer.wrap(Arrays.copyOfRange(example, from, from + length))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer zeros(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void copyInt(ByteBuffer source, ByteBuffer target, int at) {
    target.putInt(at, source.getInt(at));
  }
}
