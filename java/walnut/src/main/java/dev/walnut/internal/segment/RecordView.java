package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.RECORD_HEADER_BYTES;
import static dev.walnut.internal.segment.Format.RECORD_TYPE_AT;

import java.nio.ByteBuffer;

/**
 * Looks at one record after the other without allocating. Reads the shapes that {@link
 * RecordWriter} writes; whatever else is MessagePack goes to {@link UncommonRecord}.
 *
 * <p>All places are counted from the start of the record. What is read is distrusted: a place is
 * believed only once it lies inside the record. The buffer must let {@link #SLACK} bytes be read
 * behind the place given, whatever they hold.
 */
final class RecordView {
  /** The longest run of bytes that one look takes. */
  static final int SLACK = 40;

  /** What a look found. */
  enum Shape {
    /** The fields are set. */
    COMMON,
    /** MessagePack, perhaps, but not of a shape that this class reads. */
    UNCOMMON
  }

  int type;
  boolean joined;

  /** Length of the whole record. */
  int bytes;

  /** The index of an entry or tombstone; the argument of a truncation or reset. */
  long index;

  /** The oldest segment kept, of a truncate-before. */
  long oldestSegment;

  int keyAt;
  int keyBytes;
  int valueAt;
  int valueBytes;

  private int place;

  /** Reads length and type of the record at {@code at}. */
  void readHead(ByteBuffer source, int at) {
    bytes = RECORD_HEADER_BYTES + source.getInt(at + 4);
    int typeByte = source.get(at + RECORD_TYPE_AT);
    joined = (typeByte & Format.TYPE_JOINED) != 0;
    type = typeByte & ~Format.TYPE_JOINED & 0xFF;
  }

  /** Whether the length read is possible in a body that has so many bytes left. */
  boolean fitsIn(long bytesLeft) {
    return bytes >= Format.RECORD_BYTES_MIN && bytes <= bytesLeft;
  }

  /**
   * Whether the oldest segment that a truncation names, if this is one, can be kept at its time.
   */
  boolean oldestSegmentFits(int number) {
    return type != Format.TYPE_TRUNCATE_BEFORE || oldestSegment <= number;
  }

  /**
   * Reads an entry's index and finds its key. {@link #readValue} must follow, at the place where
   * the key ends, unless the shape is uncommon.
   */
  Shape readEntry(ByteBuffer source, int at) {
    place = RECORD_TYPE_AT + 1;
    if ((source.get(at + place++) & 0xFF) != 0x93) {
      return Shape.UNCOMMON;
    }
    index = uint(source, at);
    keyBytes = index < 0 ? -1 : strLength(source, at);
    keyAt = place;
    return keyBytes >= 0 && keyBytes <= bytes - place ? Shape.COMMON : Shape.UNCOMMON;
  }

  /** Where the key ends and the value's header starts. */
  int keyEnd() {
    return keyAt + keyBytes;
  }

  /** Finds the value; {@code keyEndAt} is where in the source the key ends. */
  Shape readValue(ByteBuffer source, int keyEndAt) {
    place = 0;
    valueBytes = sized(source, keyEndAt, 0xc4);
    valueAt = keyEnd() + place;
    return valueBytes >= 0 && valueBytes == bytes - valueAt ? Shape.COMMON : Shape.UNCOMMON;
  }

  /** Reads the whole body of a record that is not an entry. */
  Shape readOther(ByteBuffer source, int at) {
    place = RECORD_TYPE_AT + 1;
    int numbers = type == Format.TYPE_TRUNCATE_BEFORE ? 2 : 1;
    if ((source.get(at + place++) & 0xFF) != (0x90 | numbers)) {
      return Shape.UNCOMMON;
    }
    if (type == Format.TYPE_MARK) {
      int nonceBytes = sized(source, at, 0xc4);
      return nonceBytes == Long.BYTES && place + nonceBytes == bytes
          ? Shape.COMMON
          : Shape.UNCOMMON;
    }
    index = uint(source, at);
    oldestSegment = numbers == 2 && index >= 0 ? uint(source, at) : 0;
    return index >= 0 && oldestSegment >= 0 && place == bytes ? Shape.COMMON : Shape.UNCOMMON;
  }

  /** The number at {@link #place}, or -1 if there is none that is not negative. */
  private long uint(ByteBuffer source, int at) {
    int p = at + place;
    int type = source.get(p) & 0xFF;
    place += uintBytes(type);
    return switch (type) {
      case 0xcc -> source.get(p + 1) & 0xFF;
      case 0xcd -> Short.reverseBytes(source.getShort(p + 1)) & 0xFFFF;
      case 0xce -> Integer.reverseBytes(source.getInt(p + 1)) & 0xFFFF_FFFFL;
      case 0xcf -> Math.max(-1, Long.reverseBytes(source.getLong(p + 1)));
      default -> type < 0x80 ? type : -1;
    };
  }

  private static int uintBytes(int type) {
    return 0xcc <= type && type <= 0xcf ? 1 + (1 << (type - 0xcc)) : 1;
  }

  private int strLength(ByteBuffer source, int at) {
    int type = source.get(at + place) & 0xFF;
    if ((type & 0xe0) == 0xa0) {
      place += 1;
      return type & 0x1f;
    }
    return sized(source, at, 0xd9);
  }

  /** A length behind one of three type bytes that follow one another, or -1. */
  private int sized(ByteBuffer source, int at, int firstType) {
    int p = at + place;
    int width = (source.get(p) & 0xFF) - firstType;
    place += 0 <= width && width <= 2 ? 1 + (1 << width) : 0;
    return switch (width) {
      case 0 -> source.get(p + 1) & 0xFF;
      case 1 -> Short.reverseBytes(source.getShort(p + 1)) & 0xFFFF;
      case 2 -> Math.max(-1, Integer.reverseBytes(source.getInt(p + 1)));
      default -> -1;
    };
  }
}
