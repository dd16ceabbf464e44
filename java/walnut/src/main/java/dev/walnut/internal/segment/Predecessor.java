package dev.walnut.internal.segment;

/**
 * What a segment's header says of the segment before it. In a rotation header it equals the natural
 * end of that segment; in a commit header it limits it, and what lies behind is dead.
 *
 * @param number its number
 * @param epoch its epoch
 * @param validBytes where its last batch ends
 * @param lastSequence its last sequence
 * @param lastBatchCrc the header CRC of its last batch, or what its own chain started with
 */
record Predecessor(int number, long epoch, int validBytes, long lastSequence, int lastBatchCrc) {}
