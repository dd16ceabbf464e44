package dev.walnut.internal.segment;

import dev.walnut.exception.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a segment's footer; each of its three parts is believed on its own checksum. */
final class FooterReader {
  private final FileWindow window;
  private final int number;
  private final long epoch;
  private final SaltedCrc crc = new SaltedCrc();

  FooterReader(FileWindow window, int number, long epoch) {
    this.window = window;
    this.number = number;
    this.epoch = epoch;
  }

  /**
   * The summary at the very end of the file, or null if there is no authentic one.
   *
   * @throws UnsupportedFormatException if it is authentic and of a kind this version cannot read
   */
  @Nullable FooterSummary readSummary(Path path) throws IOException {
    long fileBytes = window.fileBytes();
    if (fileBytes < Format.HEADER_BYTES + Format.SUMMARY_BYTES
        || fileBytes > Format.SEGMENT_BYTES_LIMIT) {
      return null;
    }
    byte[] last = new byte[Format.SUMMARY_BYTES];
    window.copy(fileBytes - Format.SUMMARY_BYTES, last);
    return FooterSummary.decode(
        ByteBuffer.wrap(last).order(ByteOrder.LITTLE_ENDIAN), number, epoch, fileBytes, crc, path);
  }

  /** The offset table, or null if it is damaged or cannot be this segment's. */
  @Nullable OffsetTable readTable(FooterSummary footer) throws IOException {
    if (!isIntact(footer.validBytes(), footer.tableBytes(), footer.tableCrc())) {
      return null;
    }
    OffsetTable table = decodeTable(footer);
    return isPlausible(table, footer) ? table : null;
  }

  private OffsetTable decodeTable(FooterSummary footer) throws IOException {
    int count = footer.entries();
    if (footer.tableKind() == Format.TABLE_CONSECUTIVE) {
      int[] offsets = readInts(footer.validBytes(), count);
      return new OffsetTable.Consecutive(footer.firstIndex(), offsets, count);
    }
    long[] indexes = new long[count];
    for (int i = 0; i < count; i++) {
      long at = footer.validBytes() + 8L * i;
      indexes[i] = window.bytes().getLong(window.at(at, 8));
    }
    return new OffsetTable.Scattered(indexes, readInts(footer.validBytes() + 8L * count, count));
  }

  /** Whether indexes rise within the summary's range, and every offset lies among the batches. */
  private static boolean isPlausible(OffsetTable table, FooterSummary footer) {
    int count = table.count();
    for (int i = 0; i < count; i++) {
      int offset = table.offsetAt(i) & ~Format.OFFSET_TOMBSTONED;
      boolean among = Format.HEADER_BYTES < offset && offset < footer.validBytes();
      if (!among || (i > 0 && table.indexAt(i) <= table.indexAt(i - 1))) {
        return false;
      }
    }
    return count == 0
        || (table.indexAt(0) == footer.firstIndex()
            && table.indexAt(count - 1) == footer.lastIndex());
  }

  private int[] readInts(long from, int count) throws IOException {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = window.bytes().getInt(window.at(from + 4L * i, 4));
    }
    return values;
  }

  /** Adds the list of tombstoned indexes to the summary's effects; false if it is damaged. */
  boolean readTombstones(FooterSummary footer) throws IOException {
    if (!isIntact(footer.tombstonesAt(), footer.tombstonesBytes(), footer.tombstonesCrc())) {
      return false;
    }
    for (int i = 0; i < footer.tombstones(); i++) {
      int at = window.at(footer.tombstonesAt() + 16L * i, 16);
      footer.effects().tombstone(window.bytes().getLong(at), window.bytes().getLong(at + 8));
    }
    return true;
  }

  private boolean isIntact(long from, long bytes, int expected) throws IOException {
    crc.begin(epoch, number, (int) from);
    window.update(crc, from, from + bytes);
    return crc.end() == expected;
  }
}
