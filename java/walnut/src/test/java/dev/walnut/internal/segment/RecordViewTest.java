package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The common record is read in every width MessagePack knows; no other shape is misread. */
class RecordViewTest {
  private static final byte[] VALUE = {9, 8, 7};

  private final RecordView view = new RecordView();

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  /** The record at the very end of memory, but for the slack: a body and nothing of another. */
  private static ByteBuffer record(int type, byte[] body) {
    ByteBuffer record =
        ByteBuffer.allocate(Format.RECORD_TYPE_AT + 1 + body.length + RecordView.SLACK)
            .order(ByteOrder.LITTLE_ENDIAN);
    Arrays.fill(record.array(), (byte) 0x5a);
    record.putInt(4, body.length + 1);
    record.put(Format.RECORD_TYPE_AT, (byte) type);
    record.put(Format.RECORD_TYPE_AT + 1, body);
    return record;
  }

  private RecordView.Shape read(int type, byte[] body) {
    ByteBuffer record = record(type, body);
    view.readHead(record, 0);
    if (type != Format.TYPE_ENTRY) {
      return view.readOther(record, 0);
    }
    return view.readEntry(record, 0) == RecordView.Shape.UNCOMMON
        ? RecordView.Shape.UNCOMMON
        : view.readValue(record, view.keyEnd());
  }

  /** Index 5, key "k" and the value in every width that holds them. */
  static Stream<String> widths() {
    List<String> bodies = new ArrayList<>();
    for (String index : List.of("05", "cc05", "cd0005", "ce00000005", "cf0000000000000005")) {
      for (String key : List.of("a16b", "d9016b", "da00016b", "db000000016b")) {
        for (String value : List.of("c403090807", "c50003090807", "c600000003090807")) {
          bodies.add("93" + index + key + value);
        }
      }
    }
    return bodies.stream();
  }

  @ParameterizedTest
  @MethodSource("widths")
  void entry_inEveryWidth_isRead(String body) {
    byte[] bytes = hex(body);

    assertThat(read(Format.TYPE_ENTRY, bytes)).isEqualTo(RecordView.Shape.COMMON);

    assertThat(view.index).isEqualTo(5);
    assertThat(view.keyBytes).isEqualTo(1);
    assertThat(bytes[view.keyAt - 9]).isEqualTo((byte) 'k');
    assertThat(view.valueBytes).isEqualTo(VALUE.length);
    assertThat(Arrays.copyOfRange(bytes, view.valueAt - 9, bytes.length)).isEqualTo(VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "94 05 a16b c403090807 01", // a fourth element
        "92 05 a16b", // no value
        "dc0003 05 a16b c403090807", // an array header wider than any writer's
        "93 05 c4016b c403090807", // a key of bytes
        "93 05 a16b a3090807", // a value of text
        "93 ff a16b c403090807", // a negative index
        "93 d005 a16b c403090807", // a signed index
        "93 d3 0000000000000005 a16b c403090807",
        "93 cf ffffffffffffffff a16b c403090807", // an index above 2^63 - 1
        "93 cb 4014000000000000 a16b c403090807", // a floating-point index
        "93 9105 a16b c403090807", // a nested index
        "93 05 a16b 93010203", // a nested value
        "93 05 a16b c7030a090807", // an extension
        "93 05 c0 c403090807", // no key
        "93 05 a16b c0",
        "93 05 a16b c404090807", // a value longer than the record
        "93 05 a16b c402090807", // and a shorter one
        "93 05 ab6b c403090807", // a key longer than the record
        "93 05 dbffffffff c403090807", // lengths above 2^31 - 1
        "93 05 a16b c6ffffffff 090807",
        "93 05 db7fffffff c403090807",
        "83 05 a16b c403090807", // a map
        "c1 05 a16b c403090807", // what MessagePack never uses
      })
  void entry_ofAnotherShape_isUncommon(String body) {
    assertThat(read(Format.TYPE_ENTRY, hex(body))).isEqualTo(RecordView.Shape.UNCOMMON);
  }

  @Test
  void entry_cutAnywhere_isUncommon() {
    byte[] whole = hex("93 cd0105 d9026b6b c50003090807");

    for (int length = 2; length < whole.length; length++) {
      assertThat(read(Format.TYPE_ENTRY, Arrays.copyOf(whole, length)))
          .as("%d bytes", length)
          .isEqualTo(RecordView.Shape.UNCOMMON);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"91 05", "91 cc05", "91 cd0005", "91 ce00000005", "91 cf0000000000000005"})
  void tombstone_inEveryWidth_isRead(String body) {
    assertThat(read(Format.TYPE_TOMBSTONE, hex(body))).isEqualTo(RecordView.Shape.COMMON);

    assertThat(view.index).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"92 0506", "91 ff", "91 0500", "91 a105", "90 05", "91 cb4014000000000000"})
  void tombstone_ofAnotherShape_isUncommon(String body) {
    assertThat(read(Format.TYPE_TOMBSTONE, hex(body))).isEqualTo(RecordView.Shape.UNCOMMON);
  }

  @ParameterizedTest
  @ValueSource(strings = {"91 05", "92 05 ff", "92 ff 05", "93 05 06 07", "92 05 cd01"})
  void truncateBefore_ofAnotherShape_isUncommon(String body) {
    assertThat(read(Format.TYPE_TRUNCATE_BEFORE, hex(body))).isEqualTo(RecordView.Shape.UNCOMMON);
  }

  @ParameterizedTest
  @ValueSource(strings = {"91 c407 01020304050607", "91 c409 010203040506070809", "91 05"})
  void mark_ofAnotherShape_isUncommon(String body) {
    assertThat(read(Format.TYPE_MARK, hex(body))).isEqualTo(RecordView.Shape.UNCOMMON);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0, 2, 93})
  void length_thatCannotBe_doesNotFit(int length) {
    ByteBuffer record = record(Format.TYPE_ENTRY, new byte[20]);
    record.putInt(4, length);

    view.readHead(record, 0);

    assertThat(view.fitsIn(100)).isFalse();
  }
}
