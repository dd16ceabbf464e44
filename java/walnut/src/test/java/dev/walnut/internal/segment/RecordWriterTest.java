package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;

/**
 * What is written by hand is what the MessagePack library writes, byte for byte, and reads; and
 * what it writes in the smallest forms is read back.
 */
class RecordWriterTest {
  private static final long[] INDEXES = {
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x100,
    0xffff,
    0x1_0000,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE - 1,
    Long.MAX_VALUE
  };
  private static final int[] KEY_BYTES = {0, 1, 31, 32, 255, 256, 65_535, 65_536};
  private static final int[] VALUE_BYTES = {0, 1, 255, 256, 65_535, 65_536};
  private static final long SEED = 11;
  private static final int RANDOM_ENTRIES = 3000;

  /** Something behind what is looked at, for views read on without harm. */
  private static final int SLACK = RecordView.SLACK + 1;

  /** Records do not start at 0 of the memory they lie in. */
  private static final int AT = 24;

  // ---- the library's side

  private interface Packing {
    void into(MessageBufferPacker packer) throws IOException;
  }

  private static byte[] pack(Packing packing) throws IOException {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packing.into(packer);
      return packer.toByteArray();
    }
  }

  private static byte[] packEntry(long index, String key, byte[] value) throws IOException {
    return pack(
        packer -> {
          packer.packArrayHeader(3).packLong(index).packString(key);
          packer.packBinaryHeader(value.length).writePayload(value);
        });
  }

  private static byte[] packNumbers(long... numbers) throws IOException {
    return pack(
        packer -> {
          packer.packArrayHeader(numbers.length);
          for (long number : numbers) {
            packer.packLong(number);
          }
        });
  }

  // ---- our side

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer writeEntry(long index, String key, byte[] value, boolean joined) {
    int keyBytes = (int) Utf8.length(key);
    int recordBytes = (int) RecordWriter.entryBytes(index, keyBytes, value.length);
    ByteBuffer bytes = buffer(AT + recordBytes + SLACK);
    int valueAt = RecordWriter.entryHead(bytes, AT, index, key, keyBytes, value.length, joined);
    assertThat(valueAt + value.length).as("place behind the record").isEqualTo(AT + recordBytes);
    bytes.put(valueAt, value);
    return bytes;
  }

  private static byte[] bodyOf(ByteBuffer record) {
    int length = record.getInt(AT + 4);
    int bodyAt = AT + Format.RECORD_TYPE_AT + 1;
    return Arrays.copyOfRange(record.array(), bodyAt, bodyAt + length - 1);
  }

  private static byte[] text(int bytes) {
    byte[] text = new byte[bytes];
    Arrays.fill(text, (byte) 'x');
    return text;
  }

  // ---- checks

  private static void assertEntry(long index, String key, byte[] value, boolean joined)
      throws IOException {
    ByteBuffer record = writeEntry(index, key, value, joined);

    byte[] body = bodyOf(record);
    assertThat(body).isEqualTo(packEntry(index, key, value));
    assertUnpacked(body, index, key, value);
    assertViewed(record, index, key, value, joined);
  }

  private static void assertUnpacked(byte[] body, long index, String key, byte[] value)
      throws IOException {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(body)) {
      assertThat(unpacker.unpackArrayHeader()).isEqualTo(3);
      assertThat(unpacker.unpackLong()).isEqualTo(index);
      assertThat(unpacker.unpackString()).isEqualTo(key);
      assertThat(unpacker.readPayload(unpacker.unpackBinaryHeader())).isEqualTo(value);
      assertThat(unpacker.hasNext()).isFalse();
    }
  }

  private static void assertViewed(
      ByteBuffer record, long index, String key, byte[] value, boolean joined) {
    RecordView view = new RecordView();
    view.readHead(record, AT);
    assertThat(view.type).isEqualTo(Format.TYPE_ENTRY);
    assertThat(view.joined).isEqualTo(joined);
    assertThat(view.fitsIn(record.capacity() - SLACK - AT)).isTrue();
    assertThat(view.readEntry(record, AT)).isEqualTo(RecordView.Shape.COMMON);
    assertThat(view.readValue(record, AT + view.keyEnd())).isEqualTo(RecordView.Shape.COMMON);
    assertThat(view.index).isEqualTo(index);
    assertThat(new String(record.array(), AT + view.keyAt, view.keyBytes, StandardCharsets.UTF_8))
        .isEqualTo(key);
    int valueAt = AT + view.valueAt;
    assertThat(Arrays.copyOfRange(record.array(), valueAt, valueAt + view.valueBytes))
        .isEqualTo(value);
  }

  private static RecordView viewOther(ByteBuffer record) {
    RecordView view = new RecordView();
    view.readHead(record, AT);
    assertThat(view.readOther(record, AT)).isEqualTo(RecordView.Shape.COMMON);
    return view;
  }

  // ---- entries

  @Test
  void entry_atEveryBoundary_isWhatTheLibraryWritesAndReads() throws IOException {
    for (long index : INDEXES) {
      assertEntry(index, "key", text(3), false);
    }
    for (int keyBytes : KEY_BYTES) {
      String key = new String(text(keyBytes), StandardCharsets.UTF_8);
      for (int valueBytes : VALUE_BYTES) {
        assertEntry(0x80, key, text(valueBytes), keyBytes % 2 == 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "é",
        "鍵",
        "\uD83D\uDD11",
        "\0",
        "a\u07FFb\u0800c\uFFFFd\uD800\uDC00e\uDBFF\uDFFF",
        "ключ ключ ключ ключ ключ"
      })
  void entry_withAKeyOfSeveralBytesACharacter_isWhatTheLibraryWritesAndReads(String key)
      throws IOException {
    assertEntry(7, key, text(1), true);
    assertEntry(7, key.repeat(31), text(1), false);
  }

  @Test
  void entry_drawnAtRandom_isWhatTheLibraryWritesAndReads() throws IOException {
    Random random = new Random(SEED);
    for (int i = 0; i < RANDOM_ENTRIES; i++) {
      long index = random.nextLong() >>> (1 + random.nextInt(63));
      StringBuilder key = new StringBuilder();
      for (int length = random.nextInt(60); length > 0; length--) {
        int codePoint = random.nextInt(1 << (1 + random.nextInt(16)));
        key.appendCodePoint(codePoint >>> 11 == 0x1b ? 0x1_0000 + codePoint : codePoint);
      }
      byte[] value = new byte[random.nextInt(600)];
      random.nextBytes(value);

      try {
        assertEntry(index, key.toString(), value, random.nextBoolean());
      } catch (AssertionError e) {
        throw new AssertionError("seed " + SEED + ", entry " + i + ": " + index, e);
      }
    }
  }

  // ---- the other records

  @Test
  void numberedRecords_atEveryBoundary_areWhatTheLibraryWritesAndAreReadBack() throws IOException {
    for (long number : INDEXES) {
      ByteBuffer tombstone = buffer(64 + SLACK);
      ByteBuffer after = buffer(64 + SLACK);
      ByteBuffer reset = buffer(64 + SLACK);
      RecordWriter.tombstone(tombstone, AT, number);
      RecordWriter.truncateAfter(after, AT, number);
      RecordWriter.reset(reset, AT, number);

      assertThat(bodyOf(tombstone)).isEqualTo(packNumbers(number));
      assertThat(bodyOf(after)).isEqualTo(packNumbers(number));
      assertThat(bodyOf(reset)).isEqualTo(packNumbers(number));
      assertNumber(viewOther(tombstone), Format.TYPE_TOMBSTONE, number);
      assertNumber(viewOther(after), Format.TYPE_TRUNCATE_AFTER, number);
      assertNumber(viewOther(reset), Format.TYPE_RESET, number);
    }
  }

  private static void assertNumber(RecordView view, int type, long number) {
    assertThat(view.type).isEqualTo(type);
    assertThat(view.joined).isFalse();
    assertThat(view.index).isEqualTo(number);
  }

  @Test
  void truncateBefore_atEveryBoundary_isWhatTheLibraryWritesAndIsReadBack() throws IOException {
    for (long number : INDEXES) {
      for (int oldest : new int[] {0, 127, 128, 255, 256, 65_535, 65_536, Integer.MAX_VALUE}) {
        ByteBuffer record = buffer(64 + SLACK);
        RecordWriter.truncateBefore(record, AT, number, oldest);

        assertThat(bodyOf(record)).isEqualTo(packNumbers(number, oldest));
        RecordView view = viewOther(record);
        assertNumber(view, Format.TYPE_TRUNCATE_BEFORE, number);
        assertThat(view.oldestSegment).isEqualTo(oldest);
      }
    }
  }

  @Test
  void mark_isWhatTheLibraryWritesAndIsReadBack() throws IOException {
    long nonce = 0x0102_0304_0506_07f8L;
    ByteBuffer record = buffer(64 + SLACK);

    RecordWriter.mark(record, AT, nonce);

    byte[] nonceBytes = {(byte) 0xf8, 7, 6, 5, 4, 3, 2, 1};
    assertThat(bodyOf(record))
        .isEqualTo(pack(p -> p.packArrayHeader(1).packBinaryHeader(8).writePayload(nonceBytes)));
    assertThat(viewOther(record).type).isEqualTo(Format.TYPE_MARK);
  }
}
