package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes a segment's footer behind its last batch, and cuts the file behind the footer. */
final class FooterWriter {
  private FooterWriter() {}

  /**
   * Writes it; nothing is synced.
   *
   * @param durableThrough every sequence up to this one is durable
   */
  static void write(Disk disk, DiskFile file, FooterContent content, long durableThrough)
      throws IOException {
    FooterSummary summary = content.summary(durableThrough);
    int bytes = (int) (summary.summaryAt() + Format.SUMMARY_BYTES - summary.validBytes());
    Memory memory = disk.allocate(bytes);
    WritePlan plan = disk.newPlan();
    lay(memory, plan, content, summary);
    plan.span(memory, 0, bytes);
    file.write(summary.validBytes(), plan, Durability.NONE);
    file.truncate(summary.validBytes() + (long) bytes);
  }

  private static void lay(
      Memory memory, WritePlan plan, FooterContent content, FooterSummary summary) {
    int tableBytes = (int) summary.tableBytes();
    int tombstonesBytes = (int) summary.tombstonesBytes();
    int summaryAt = tableBytes + tombstonesBytes;
    layParts(memory.bytes(), content, summary);
    long epoch = content.epoch();
    int offset = content.validBytes();
    plan.cover(memory, 0, tableBytes);
    plan.store(epoch, salt(content, offset), memory, summaryAt + FooterSummary.TABLE_CRC_AT);
    plan.cover(memory, tableBytes, tombstonesBytes);
    plan.store(
        epoch,
        salt(content, offset + tableBytes),
        memory,
        summaryAt + FooterSummary.TOMBSTONES_CRC_AT);
    plan.cover(memory, summaryAt, Format.SUMMARY_CRC_AT);
    plan.store(epoch, salt(content, offset + summaryAt), memory, summaryAt + Format.SUMMARY_CRC_AT);
  }

  /** Lays all but the checksums out at the start of a buffer that holds zeros. */
  static void layParts(ByteBuffer bytes, FooterContent content, FooterSummary summary) {
    int tableBytes = (int) summary.tableBytes();
    layTable(bytes, content.table());
    layTombstones(bytes, tableBytes, content.effects());
    summary.encode(bytes, tableBytes + (int) summary.tombstonesBytes());
  }

  private static long salt(FooterContent content, int offset) {
    return Format.saltHigh(content.segment(), offset);
  }

  private static void layTable(ByteBuffer bytes, OffsetTable table) {
    int count = table.count();
    int offsetsAt = table instanceof OffsetTable.Consecutive ? 0 : 8 * count;
    for (int i = 0; i < count; i++) {
      if (offsetsAt > 0) {
        bytes.putLong(8 * i, table.indexAt(i));
      }
      bytes.putInt(offsetsAt + 4 * i, table.offsetAt(i));
    }
  }

  private static void layTombstones(ByteBuffer bytes, int at, Effects effects) {
    for (int i = 0; i < effects.tombstones(); i++) {
      bytes.putLong(at + 16 * i, effects.tombstonedIndex(i));
      bytes.putLong(at + 16 * i + 8, effects.tombstonedSequence(i));
    }
  }
}
