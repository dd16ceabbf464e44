package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a newer version may have written is refused as unsupported, with file and offset, and left
 * as it is: it is neither torn nor corrupt, and above the durable mark it is not cut.
 */
class UnknownFormatTest {
  private static final int RECORD_IN_BATCH = Format.BATCH_HEADER_BYTES;

  @TempDir Path dir;

  private final StoreEnvironment environment = StoreFixture.environment(Disks.java(), 5);

  private Path segment(int number) {
    return dir.resolve("segment_" + number);
  }

  private SegmentStore open(boolean fully) throws IOException {
    StoreOptions usual = StoreFixture.options(dir);
    return SegmentStore.open(
        environment,
        new StoreOptions(
            dir, "segment_", 0, usual.segmentBytesMax(), 0, false, true, 65536, 8, fully));
  }

  private void assertUnsupported(ThrowingCallable call, Path file, long offset) throws IOException {
    Map<String, String> before = FileDigest.of(dir);

    assertThatThrownBy(call)
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining(file + " at offset " + offset + ":")
        .hasMessageContaining("not");

    assertThat(FileDigest.of(dir)).isEqualTo(before);
  }

  /** However the log is opened, whatever is asked of it. */
  private void assertOpenUnsupported(Path file, long offset) throws IOException {
    assertUnsupported(() -> open(false), file, offset);
    assertUnsupported(() -> open(true), file, offset);
    assertUnsupported(() -> ReadOnlyStore.open(environment, dir, "segment_"), file, offset);
    assertUnsupported(() -> UnsafeRecovery.run(environment, dir, "segment_"), file, offset);
  }

  // ---- header

  /** A log of two segments; the second one's header is changed. */
  private SegmentLayout secondOf(SegmentLayout first) throws IOException {
    first.batch(0, 1, 2);
    first.footer(2);
    first.writeIn(dir);
    return new SegmentLayout(first.next(2, new IndexBounds(0, 2)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, Integer.MAX_VALUE, -1})
  void fault45_unknownHeaderVersion_isUnsupported(int version) throws IOException {
    SegmentLayout second = secondOf(new SegmentLayout());
    second.putInt(8, version).stampHeader();
    second.writeIn(dir);

    assertOpenUnsupported(segment(1), 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 0x40, Integer.MIN_VALUE})
  void fault45_unknownHeaderFlag_isUnsupported(int flags) throws IOException {
    SegmentLayout second = secondOf(new SegmentLayout());
    second.putInt(12, flags).stampHeader();
    second.writeIn(dir);

    assertOpenUnsupported(segment(1), 0);
  }

  @Test
  void fault45_unknownLogicalLogOrGapCount_isUnsupported() throws IOException {
    int[][] fields = {{112, 2}, {112, 17}, {112, 0}, {112, -1}, {120, 1}, {116, 33}, {116, -1}};
    for (int[] field : fields) {
      SegmentLayout layout = new SegmentLayout();
      layout.batch(0, 1);
      layout.putInt(field[0], field[1]).stampHeader();
      layout.writeIn(dir);

      assertOpenUnsupported(segment(0), 0);
    }
  }

  // ---- batch

  /** A tail whose last batch, which nothing calls durable, has another kind and flags. */
  private int tailWithBatch(int kind, int flags) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    int last = layout.batch(0, 3);
    layout.putShort(last + 4, kind).putShort(last + 6, flags).stampBatch(last);
    layout.writeIn(dir);
    return last;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 0xffff})
  void fault45_unknownBatchKind_isUnsupported_alsoAboveTheDurableMark(int kind) throws IOException {
    int offset = tailWithBatch(kind, 0);

    assertOpenUnsupported(segment(0), offset);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0x8000})
  void fault45_unknownBatchFlag_isUnsupported_alsoAboveTheDurableMark(int flags)
      throws IOException {
    int offset = tailWithBatch(Format.KIND_ENTRIES, flags);

    assertOpenUnsupported(segment(0), offset);
  }

  // ---- record

  /** A tail whose last batch, which nothing calls durable, holds a record of any bytes. */
  private int tailWithRecord(int type, String body) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    int last = layout.record(type, HexFormat.of().parseHex(body)).end(0);
    layout.writeIn(dir);
    return last + RECORD_IN_BATCH;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, Format.TYPE_MARK, 7, 0x7f, 0x80, 0x87})
  void fault45_unknownRecordType_isUnsupported_alsoAboveTheDurableMark(int type)
      throws IOException {
    int offset = tailWithRecord(type, "9103");

    assertOpenUnsupported(segment(0), offset);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9403a16bc4017601", // the number of a logical log
        "9303c4016bc40176", // a key of bytes
        "9303a16b9101", // nested
        "93cb4008000000000000a16bc40176", // a floating-point index
        "93cfffffffffffffffffa16bc40176", // an index above 2^63 - 1
        "9103",
        "dc00039103c0c0",
      })
  void fault45_unknownRecordShape_isUnsupported_alsoAboveTheDurableMark(String body)
      throws IOException {
    int offset = tailWithRecord(Format.TYPE_ENTRY, body);

    assertOpenUnsupported(segment(0), offset);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01a16b", "83a16bc0", "9303", "c1c1c1", "9303a16bc40176ff", "9303a16bc405"})
  void record_thatIsNoArray_isCorruptAndNotCut_alsoAboveTheDurableMark(String body)
      throws IOException {
    int offset = tailWithRecord(Format.TYPE_ENTRY, body);
    Map<String, String> before = FileDigest.of(dir);

    assertThatThrownBy(() -> open(false))
        .isInstanceOfSatisfying(
            CorruptLogException.class,
            e -> {
              assertThat(e.file()).isEqualTo(segment(0));
              assertThat(e.offset()).isEqualTo(offset);
            });
    assertThatThrownBy(() -> ReadOnlyStore.open(environment, dir, "segment_"))
        .isInstanceOf(CorruptLogException.class);

    assertThat(FileDigest.of(dir)).isEqualTo(before);
  }

  // ---- in a sealed body, which opening does not read

  /** Entries 1, 2 and 3 in a sealed segment; what 2 is has another type and body. */
  private int sealedWithRecord(int type, String body) throws IOException {
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1);
    int second = first.recordOf(2, type, HexFormat.of().parseHex(body)).end(0);
    first.batch(0, 3);
    first.footer(3);
    first.writeIn(dir);
    SegmentLayout tail = new SegmentLayout(first.next(3, new IndexBounds(0, 3)));
    tail.batch(3, 4);
    tail.writeIn(dir);
    return second + RECORD_IN_BATCH;
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 9402a16bc4017601", "1 9302c4016bc40176", "7 9302a16bc40176", "1 9102"})
  void fault45_unknownRecordInASealedBody_isUnsupportedByFullCheckGetAndCursor(String record)
      throws IOException {
    String[] typeAndBody = record.split(" ");
    int offset = sealedWithRecord(Integer.parseInt(typeAndBody[0]), typeAndBody[1]);

    assertUnsupported(() -> open(true), segment(0), offset);
    try (ReadOnlyStore store = ReadOnlyStore.open(environment, dir, "segment_")) {
      assertUnsupported(() -> store.get(2), segment(0), offset);
      EntryCursor cursor = store.cursor(0);
      assertThat(cursor.next()).isNotNull();
      assertUnsupported(cursor::next, segment(0), offset);
      assertThat(StoreFixture.line(store.get(3))).isEqualTo("3|key|value 3|false");
    }
    try (SegmentStore store = open(false)) {
      assertThatThrownBy(() -> store.get(2)).isInstanceOf(UnsupportedFormatException.class);
      assertThat(store.get(4)).isNotNull();
    }
  }

  @Test
  void record_inASealedBodyThatIsNoArray_isCorrupt() throws IOException {
    int offset = sealedWithRecord(Format.TYPE_ENTRY, "02a16bc40176");

    try (ReadOnlyStore store = ReadOnlyStore.open(environment, dir, "segment_")) {
      assertThatThrownBy(() -> store.get(2))
          .isInstanceOfSatisfying(
              CorruptLogException.class,
              e -> {
                assertThat(e.file()).isEqualTo(segment(0));
                assertThat(e.offset()).isEqualTo(offset);
                assertThat(e.firstIndex()).isEqualTo(2);
              });
    }
    assertThatThrownBy(() -> open(true)).isInstanceOf(CorruptLogException.class);
  }

  // ---- footer

  @Test
  void fault45_unknownFooterFlagOrKind_isUnsupported() throws IOException {
    int[][] fields = {{8, 1}, {8, Integer.MIN_VALUE}, {12, 0}, {12, 3}, {136, 2}, {144, 1}};
    for (int[] field : fields) {
      SegmentLayout layout = new SegmentLayout();
      layout.batch(0, 1, 2);
      int footer = layout.footer(2);
      layout.putInt(footer + field[0], field[1]).stampSummary(footer);
      layout.writeIn(dir);

      assertOpenUnsupported(segment(0), footer);
    }
  }
}
