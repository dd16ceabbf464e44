package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.RECORD_HEADER_BYTES;
import static dev.walnut.internal.segment.Format.RECORD_TYPE_AT;

import java.nio.ByteBuffer;

/**
 * Lays records out in memory, all but their checksums. Bodies are MessagePack in its smallest
 * forms, written by hand: a packer of the library would allocate and cost more than the checksum.
 *
 * <p>Every method writes at an absolute place and returns the place behind the record.
 */
final class RecordWriter {
  private RecordWriter() {}

  /** Bytes of an entry's record; more than an {@code int} can say if the entry is too large. */
  static long entryBytes(long index, int keyBytes, int valueBytes) {
    return RECORD_HEADER_BYTES
        + 2L
        + uintBytes(index)
        + strHeaderBytes(keyBytes)
        + keyBytes
        + binHeaderBytes(valueBytes)
        + valueBytes;
  }

  /** Writes an entry's record up to its value, which the caller puts behind it. */
  static int entryHead(
      ByteBuffer target,
      int at,
      long index,
      String key,
      int keyBytes,
      int valueBytes,
      boolean joined) {
    int p = at + RECORD_TYPE_AT;
    target.put(p++, (byte) (joined ? Format.TYPE_ENTRY | Format.TYPE_JOINED : Format.TYPE_ENTRY));
    target.put(p++, (byte) 0x93);
    p = uint(target, p, index);
    p = strHeader(target, p, keyBytes);
    p = Utf8.encode(key, keyBytes, target, p);
    p = binHeader(target, p, valueBytes);
    target.putInt(at + 4, p + valueBytes - at - RECORD_HEADER_BYTES);
    return p;
  }

  static int tombstone(ByteBuffer target, int at, long index) {
    return numbers(target, at, Format.TYPE_TOMBSTONE, index);
  }

  static int truncateBefore(ByteBuffer target, int at, long firstKept, int oldestSegment) {
    return numbers(target, at, Format.TYPE_TRUNCATE_BEFORE, firstKept, oldestSegment);
  }

  static int truncateAfter(ByteBuffer target, int at, long lastKept) {
    return numbers(target, at, Format.TYPE_TRUNCATE_AFTER, lastKept);
  }

  static int reset(ByteBuffer target, int at, long nextIndex) {
    return numbers(target, at, Format.TYPE_RESET, nextIndex);
  }

  static int mark(ByteBuffer target, int at, long nonce) {
    int p = at + RECORD_TYPE_AT;
    target.put(p++, (byte) Format.TYPE_MARK);
    target.put(p++, (byte) 0x91);
    p = binHeader(target, p, Long.BYTES);
    target.putLong(p, nonce);
    return finish(target, at, p + Long.BYTES);
  }

  private static int numbers(ByteBuffer target, int at, int type, long... numbers) {
    int p = at + RECORD_TYPE_AT;
    target.put(p++, (byte) type);
    target.put(p++, (byte) (0x90 | numbers.length));
    for (long number : numbers) {
      p = uint(target, p, number);
    }
    return finish(target, at, p);
  }

  private static int finish(ByteBuffer target, int at, int end) {
    target.putInt(at + 4, end - at - RECORD_HEADER_BYTES);
    return end;
  }

  // MessagePack is big-endian, the buffers are little-endian.

  static int uintBytes(long value) {
    if (value < 1 << 7) {
      return 1;
    }
    if (value < 1 << 8) {
      return 2;
    }
    if (value < 1 << 16) {
      return 3;
    }
    return value < 1L << 32 ? 5 : 9;
  }

  private static int uint(ByteBuffer target, int p, long value) {
    assert value >= 0 : "only non-negative numbers are written";
    if (value < 1 << 7) {
      target.put(p, (byte) value);
      return p + 1;
    }
    if (value < 1 << 8) {
      return prefixed8(target, p, 0xcc, (int) value);
    }
    if (value < 1 << 16) {
      return prefixed16(target, p, 0xcd, (int) value);
    }
    if (value < 1L << 32) {
      return prefixed32(target, p, 0xce, (int) value);
    }
    target.put(p, (byte) 0xcf);
    target.putLong(p + 1, Long.reverseBytes(value));
    return p + 9;
  }

  private static int strHeaderBytes(int length) {
    if (length < 32) {
      return 1;
    }
    return binHeaderBytes(length);
  }

  private static int strHeader(ByteBuffer target, int p, int length) {
    if (length < 32) {
      target.put(p, (byte) (0xa0 | length));
      return p + 1;
    }
    return sized(target, p, 0xd9, length);
  }

  private static int binHeaderBytes(int length) {
    if (length < 1 << 8) {
      return 2;
    }
    return length < 1 << 16 ? 3 : 5;
  }

  private static int binHeader(ByteBuffer target, int p, int length) {
    return sized(target, p, 0xc4, length);
  }

  /** A length behind one of three type bytes that follow one another. */
  private static int sized(ByteBuffer target, int p, int firstType, int length) {
    if (length < 1 << 8) {
      return prefixed8(target, p, firstType, length);
    }
    return length < 1 << 16
        ? prefixed16(target, p, firstType + 1, length)
        : prefixed32(target, p, firstType + 2, length);
  }

  private static int prefixed8(ByteBuffer target, int p, int type, int value) {
    target.put(p, (byte) type);
    target.put(p + 1, (byte) value);
    return p + 2;
  }

  private static int prefixed16(ByteBuffer target, int p, int type, int value) {
    target.put(p, (byte) type);
    target.putShort(p + 1, Short.reverseBytes((short) value));
    return p + 3;
  }

  private static int prefixed32(ByteBuffer target, int p, int type, int value) {
    target.put(p, (byte) type);
    target.putInt(p + 1, Integer.reverseBytes(value));
    return p + 5;
  }
}
