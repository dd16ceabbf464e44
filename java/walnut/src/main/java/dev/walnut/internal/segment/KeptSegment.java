package dev.walnut.internal.segment;

import org.jspecify.annotations.Nullable;

/**
 * A segment that recovery keeps, up to some end.
 *
 * @param found the file
 * @param header its header
 * @param end where its last kept batch ends
 * @param lastSequence its last kept sequence
 * @param lastBatchCrc the last kept batch's header CRC, or what its chain started with
 * @param footer its footer, if that was believed; its effects are complete
 * @param scan what of it was read batch by batch, or null if its footer was believed
 * @param content what a footer for it says, if it was read batch by batch
 */
record KeptSegment(
    FoundSegment found,
    SegmentHeader header,
    int end,
    long lastSequence,
    int lastBatchCrc,
    @Nullable FooterSummary footer,
    @Nullable SegmentScan scan,
    @Nullable FooterContent content) {

  int number() {
    return found.number();
  }

  /** What its successor's header says of it. */
  Predecessor facts() {
    return new Predecessor(number(), header.epoch(), end, lastSequence, lastBatchCrc);
  }

  /** Where its last batch starts; 0 if there is none. */
  int lastBatchAt() {
    if (footer != null) {
      return footer.lastBatchAt();
    }
    return content == null ? 0 : content.lastBatchAt();
  }

  /** What it does to the segments before it. */
  Effects effects() {
    if (footer != null) {
      return footer.effects();
    }
    return content == null ? new Effects() : content.effects();
  }

  boolean hasBatches() {
    return lastSequence >= header.firstSequence();
  }
}
