package dev.walnut;

/**
 * Is shown what lies in a log's files, damage included: {@link #begin}, then each segment, by
 * number, with its batches, each before its records, and at last the findings.
 *
 * <p>Called by the inspecting thread. What a method throws ends the inspection.
 */
public interface WalInspector {

  /**
   * What there is to look at.
   *
   * @param segments how many segments
   * @param fileBytes the size of all their files
   */
  default void begin(int segments, long fileBytes) {}

  /** A segment; its batches follow. */
  default void segment(SegmentInfo segment) {}

  /** A batch whose header's checksum is right; its records follow. */
  default void batch(BatchInfo batch) {}

  /** A record. */
  default void record(RecordInfo record) {}

  /** Something wrong. Told at the end, since only all of a log says what was durable. */
  default void finding(Finding finding) {}
}
