package dev.walnut.internal.segment;

/**
 * What a footer says of a segment, all of it as it was at the segment's last record.
 *
 * @param segment the segment's number
 * @param epoch the segment's epoch
 * @param validBytes where its last batch ends
 * @param lastBatchAt where its last batch starts; 0 if there is none
 * @param lastSequence its last sequence
 * @param lastBatchCrc its last batch's header CRC
 * @param table its entries alive then, with the flags of their tombstones
 * @param effects what it does to earlier segments
 * @param entriesWritten entries it took
 * @param bounds the ends of the log then
 * @param lowWater the oldest segment kept then
 */
record FooterContent(
    int segment,
    long epoch,
    int validBytes,
    int lastBatchAt,
    long lastSequence,
    int lastBatchCrc,
    OffsetTable table,
    Effects effects,
    int entriesWritten,
    IndexBounds bounds,
    int lowWater) {

  FooterSummary summary(long durableThrough) {
    int count = table.count();
    return new FooterSummary(
        segment,
        validBytes,
        table instanceof OffsetTable.Consecutive
            ? Format.TABLE_CONSECUTIVE
            : Format.TABLE_SCATTERED,
        0,
        count,
        entriesWritten,
        count == 0 ? 0 : table.indexAt(0),
        count == 0 ? 0 : table.indexAt(count - 1),
        0,
        lastSequence,
        durableThrough,
        lastBatchCrc,
        lastBatchAt,
        lowWater,
        bounds,
        effects,
        effects.tombstones());
  }
}
