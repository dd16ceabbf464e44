package dev.walnut.internal.segment;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;

/**
 * Makes the checksums in segment files right around whatever numbers stand there, so that a reader
 * has to look at the numbers.
 */
final class Restamping {
  static final int HEADER = 1;
  static final int BATCHES = 2;
  static final int FOOTER = 4;

  /** Each batch continues the sequence and the chain of the one before. */
  static final int CHAIN = 8;

  /** The header names the file before it as it is now. */
  static final int LINK = 16;

  /** The footer's last batch is the last one there is. */
  static final int FOOTER_LINK = 32;

  static final int CHECKSUMS = HEADER | BATCHES | FOOTER;
  static final int ALL = CHECKSUMS | CHAIN | LINK | FOOTER_LINK;

  private static final int RECORDS_MAX = 10_000;

  private final SaltedCrc crc = new SaltedCrc();

  // The file before, as its successor's header should name it.
  private int number = Format.NO_SEGMENT;
  private long epoch;
  private long successorEpoch;

  // Of the file at hand: where its batches end, and what the next batch would continue.
  private int end;
  private int lastBatchAt;
  private long nextSequence = 1;
  private int chain;

  /** Repairs files in the order of their numbers; each says what it wants. */
  void repair(Collection<FuzzInput.Part> parts) {
    for (FuzzInput.Part part : parts) {
      ByteBuffer bytes = ByteBuffer.wrap(part.content()).order(ByteOrder.LITTLE_ENDIAN);
      repair(part, bytes);
      number = part.number();
    }
  }

  private void repair(FuzzInput.Part part, ByteBuffer bytes) {
    boolean whole = bytes.capacity() >= Format.HEADER_BYTES;
    boolean headed = whole && bytes.getLong(0) == Format.HEADER_MAGIC;
    if (headed) {
      repairHeader(part.repairs(), bytes);
    }
    epoch = headed ? bytes.getLong(40) : successorEpoch;
    successorEpoch = headed ? bytes.getLong(48) : successorEpoch;
    if (headed && !wants(part, CHAIN)) {
      nextSequence = bytes.getLong(64);
    }
    if (headed) {
      chain = bytes.getInt(72) == Format.NO_SEGMENT ? 0 : bytes.getInt(76);
    }
    repairBatches(part, bytes);
    if (wants(part, FOOTER) && bytes.capacity() >= Format.HEADER_BYTES + Format.SUMMARY_BYTES) {
      repairFooter(part, bytes, bytes.capacity() - Format.SUMMARY_BYTES);
    }
  }

  private static boolean wants(FuzzInput.Part part, int repair) {
    return (part.repairs() & repair) != 0;
  }

  private void repairHeader(int repairs, ByteBuffer bytes) {
    if ((repairs & LINK) != 0 && number >= 0) {
      bytes.putLong(40, successorEpoch);
      bytes.putLong(64, nextSequence);
      bytes.putInt(72, number);
      bytes.putInt(76, chain);
      bytes.putLong(80, epoch);
      bytes.putInt(88, end);
      bytes.putLong(96, nextSequence - 1);
    }
    if ((repairs & HEADER) != 0) {
      int named = bytes.getInt(32);
      int sum = crc.of(0, named, 0, bytes, 0, Format.HEADER_CRC_AT);
      bytes.putInt(Format.HEADER_CRC_AT, sum);
    }
  }

  private void repairBatches(FuzzInput.Part part, ByteBuffer bytes) {
    end = Format.HEADER_BYTES;
    lastBatchAt = 0;
    while (end + Format.BATCH_HEADER_BYTES <= bytes.capacity()
        && bytes.getInt(end) == Format.BATCH_MAGIC) {
      int body = end + Format.BATCH_HEADER_BYTES;
      int bodyBytes = bytes.getInt(end + 8);
      int covered = Math.max(0, Math.min(bodyBytes, bytes.capacity() - body));
      if (wants(part, CHAIN)) {
        bytes.putLong(end + 16, nextSequence);
        bytes.putInt(end + 32, chain);
      }
      if (wants(part, BATCHES)) {
        repairRecords(part, bytes, body, body + covered, bytes.getInt(end + 12));
        int sum = sum(part, bytes, body, body, covered);
        bytes.putInt(end + Format.BATCH_BODY_CRC_AT, sum);
        sum = sum(part, bytes, end, end, Format.BATCH_CRC_AT);
        bytes.putInt(end + Format.BATCH_CRC_AT, sum);
      }
      chain = bytes.getInt(end + Format.BATCH_CRC_AT);
      nextSequence = bytes.getLong(end + 16) + bytes.getInt(end + 12);
      lastBatchAt = end;
      end = body + (covered & -Format.BATCH_ALIGN);
    }
  }

  private void repairRecords(FuzzInput.Part part, ByteBuffer bytes, int from, int to, int count) {
    int at = from;
    for (int i = 0; i < Math.min(count, RECORDS_MAX) && at + 9 <= to; i++) {
      long recordEnd = at + (long) Format.RECORD_HEADER_BYTES + bytes.getInt(at + 4);
      int covered = (int) Math.max(at + 9, Math.min(recordEnd, to));
      bytes.putInt(at, sum(part, bytes, at, at + 4, covered - at - 4));
      at = covered;
    }
  }

  private void repairFooter(FuzzInput.Part part, ByteBuffer bytes, int at) {
    if (bytes.getLong(at) != Format.SUMMARY_MAGIC) {
      return;
    }
    if (wants(part, FOOTER_LINK)) {
      bytes.putInt(at + 20, end);
      bytes.putLong(at + 64, nextSequence - 1);
      bytes.putInt(at + 80, chain);
      bytes.putInt(at + 140, lastBatchAt);
    }
    int table = Math.max(0, Math.min(bytes.getInt(at + 20), at));
    long tableBytes = FooterSummary.tableBytes(bytes.getInt(at + 12), bytes.getInt(at + 40));
    int list = (int) Math.max(table, Math.min(table + tableBytes, at));
    int listEnd = (int) Math.max(list, Math.min(list + 16L * bytes.getInt(at + 32), at));
    int tableSum = sum(part, bytes, table, table, list - table);
    bytes.putInt(at + FooterSummary.TABLE_CRC_AT, tableSum);
    int listSum = sum(part, bytes, list, list, listEnd - list);
    bytes.putInt(at + FooterSummary.TOMBSTONES_CRC_AT, listSum);
    int sum = sum(part, bytes, at, at, Format.SUMMARY_CRC_AT);
    bytes.putInt(at + Format.SUMMARY_CRC_AT, sum);
  }

  private int sum(FuzzInput.Part part, ByteBuffer bytes, int offset, int from, int length) {
    return crc.of(epoch, part.number(), offset, bytes, from, length);
  }
}
