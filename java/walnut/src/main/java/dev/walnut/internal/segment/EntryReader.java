package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.exception.WalException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads one entry where the index says it lies, and returns it only if its checksum is right. */
final class EntryReader {
  /** What a single entry's first read takes: most entries whole. */
  private static final int FIRST_READ_BYTES = 1024;

  private EntryReader() {}

  /**
   * Reads a single entry.
   *
   * @param rawOffset the offset from the index, with its flag
   * @param end where the segment's valid bytes end
   */
  static StoredEntry read(Segment segment, int rawOffset, int end, long index) throws IOException {
    SegmentFiles files = segment.files();
    Scratch scratch = files.scratches().take();
    try {
      FileWindow window = window(segment, end, scratch, FIRST_READ_BYTES);
      return read(window, scratch, segment, rawOffset, index);
    } finally {
      files.scratches().give(scratch);
    }
  }

  /** A window on the valid bytes of a segment. */
  static FileWindow window(Segment segment, int end, Scratch scratch, int stepBytes) {
    SegmentFiles files = segment.files();
    return new FileWindow(
        files.source(segment), files.name(segment.number()), end, scratch.memory, stepBytes);
  }

  /** Reads an entry through a window that may hold it already. */
  static StoredEntry read(
      FileWindow window, Scratch scratch, Segment segment, int rawOffset, long index)
      throws IOException {
    int offset = rawOffset & ~Format.OFFSET_TOMBSTONED;
    try {
      boolean tombstone =
          (rawOffset & Format.OFFSET_TOMBSTONED) != 0 || segment.isTombstoned(offset);
      return readEntry(window, scratch, segment, offset, index, tombstone);
    } catch (EOFException e) {
      throw corrupt(
          segment, offset, index, "a file of " + window.fileBytes() + " bytes", "a shorter one");
    }
  }

  private static StoredEntry readEntry(
      FileWindow window,
      Scratch scratch,
      Segment segment,
      int offset,
      long index,
      boolean tombstone)
      throws IOException {
    RecordView record = scratch.record;
    int at = window.at(offset, RecordView.SLACK);
    record.readHead(window.bytes(), at);
    int stored = window.bytes().getInt(at);
    requireRecord(window, scratch, segment, offset, index, stored);
    parse(window, segment, record, offset, index);
    return new StoredEntry(
        index, key(window, record, offset), value(window, record, offset, tombstone), tombstone);
  }

  private static void requireRecord(
      FileWindow window, Scratch scratch, Segment segment, int offset, long index, int stored)
      throws IOException {
    RecordView record = scratch.record;
    if (!record.fitsIn(window.fileBytes() - offset)) {
      throw corrupt(segment, offset, index, "a record", "a length of " + record.bytes + " bytes");
    }
    SaltedCrc crc = scratch.crc;
    crc.begin(segment.epoch(), segment.number(), offset);
    window.update(crc, offset + 4L, offset + (long) record.bytes);
    int found = crc.end();
    if (found != stored) {
      throw corrupt(
          segment,
          offset,
          index,
          String.format("a record with checksum %08x", stored),
          String.format("%08x", found));
    }
  }

  private static void parse(
      FileWindow window, Segment segment, RecordView record, int offset, long index)
      throws IOException {
    if (record.type < Format.TYPE_ENTRY || record.type > Format.TYPE_MARK) {
      throw unsupported(segment, offset, index, record, "a body of its own");
    }
    if (record.type != Format.TYPE_ENTRY) {
      throw corrupt(
          segment, offset, index, "the entry " + index, "a record of type " + record.type);
    }
    if (shape(window, record, offset) == RecordView.Shape.UNCOMMON) {
      throw uncommon(window, segment, record, offset, index);
    }
    if (record.index != index) {
      throw corrupt(segment, offset, index, "the entry " + index, "the entry " + record.index);
    }
  }

  private static RecordView.Shape shape(FileWindow window, RecordView record, int offset)
      throws IOException {
    if (record.readEntry(window.bytes(), window.at(offset, RecordView.SLACK))
        == RecordView.Shape.UNCOMMON) {
      return RecordView.Shape.UNCOMMON;
    }
    int keyEnd = window.at(offset + (long) record.keyEnd(), RecordView.SLACK);
    return record.readValue(window.bytes(), keyEnd);
  }

  /** Tells a record of a newer writer from one that is none. */
  private static WalException uncommon(
      FileWindow window, Segment segment, RecordView record, int offset, long index)
      throws IOException {
    long body = offset + Format.RECORD_TYPE_AT + 1L;
    UncommonRecord other = UncommonRecord.look(window, body, offset + (long) record.bytes);
    return other == null
        ? corrupt(segment, offset, index, "a MessagePack array", "bytes that are none")
        : unsupported(segment, offset, index, record, other.describe());
  }

  private static UnsupportedFormatException unsupported(
      Segment segment, int offset, long index, RecordView record, String what) {
    return new UnsupportedFormatException(
        "get "
            + index
            + " from "
            + segment.files().path(segment.number())
            + " at offset "
            + offset
            + ": record type "
            + record.type
            + " with "
            + what
            + " is not known to this version");
  }

  private static String key(FileWindow window, RecordView record, int offset) throws IOException {
    byte[] key = new byte[record.keyBytes];
    window.copy(offset + (long) record.keyAt, key);
    return new String(key, StandardCharsets.UTF_8);
  }

  private static byte[] value(FileWindow window, RecordView record, int offset, boolean tombstone)
      throws IOException {
    byte[] value = new byte[tombstone ? 0 : record.valueBytes];
    window.copy(offset + (long) record.valueAt, value);
    return value;
  }

  private static CorruptLogException corrupt(
      Segment segment, int offset, long index, String expected, String found) {
    return new CorruptLogException(
        "get " + index + " from",
        segment.files().path(segment.number()),
        offset,
        expected,
        found,
        index,
        index);
  }
}
