package dev.walnut.internal.segment;

import java.util.List;

/**
 * The whole, chained batches at the start of a segment.
 *
 * @param batches the batches, in order
 * @param records their records; {@link Batch#firstRecord} points into it
 * @param end where the last batch ends
 * @param lastSequence the last sequence, or the one before the segment's first
 * @param lastBatchCrc the last batch's header CRC, or what the chain started with
 */
record SegmentScan(
    List<Batch> batches, RecordList records, int end, long lastSequence, int lastBatchCrc) {

  /**
   * One batch.
   *
   * @param offset where it starts
   * @param header its header
   * @param firstRecord its first record's place in the list
   */
  record Batch(int offset, BatchHeader header, int firstRecord) {

    int end() {
      return offset + header.bytes();
    }
  }

  /** The same, without the batches that start at or behind {@code limit}. */
  SegmentScan before(int limit, SegmentHeader header) {
    int kept = batches.size();
    while (kept > 0 && batches.get(kept - 1).offset() >= limit) {
      kept--;
    }
    if (kept == batches.size()) {
      return this;
    }
    if (kept == 0) {
      return empty(header);
    }
    Batch last = batches.get(kept - 1);
    return new SegmentScan(
        batches.subList(0, kept),
        records,
        last.end(),
        last.header().lastSequence(),
        last.header().crc());
  }

  static SegmentScan empty(SegmentHeader header) {
    return new SegmentScan(
        List.of(),
        new RecordList(),
        Format.HEADER_BYTES,
        header.firstSequence() - 1,
        header.chainStart());
  }

  /** The oldest segment kept that a truncation in it names, or {@code atLeast} if that is more. */
  int lowWater(int atLeast) {
    int lowWater = atLeast;
    int truncations = 0;
    for (int i = 0; truncations < records.truncations() && i < recordCount(); i++) {
      if (records.type(i) == Format.TYPE_TRUNCATE_BEFORE) {
        lowWater = Math.max(lowWater, records.oldestSegment(truncations++));
      }
    }
    return lowWater;
  }

  /** How many of the records belong to the batches kept. */
  int recordCount() {
    if (batches.isEmpty()) {
      return 0;
    }
    Batch last = batches.get(batches.size() - 1);
    return last.firstRecord() + last.header().records();
  }
}
