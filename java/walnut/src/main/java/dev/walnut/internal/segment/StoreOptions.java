package dev.walnut.internal.segment;

import java.nio.file.Path;

/**
 * What a {@link SegmentStore} is told when it is opened.
 *
 * @param dir the log's directory
 * @param prefix how its files' names start
 * @param segmentEntriesMax entries a segment takes; 0 = no limit by count
 * @param segmentBytesMax bytes a segment takes, headers included
 * @param retention how much is kept
 * @param sequential whether an index must be the last + 1
 * @param prepareAhead whether space and the next file are prepared durably before they are needed:
 *     worth it where writes are synced
 * @param batchBytesMax record bytes of a usual batch; memory for it is allocated at open
 * @param openSegmentsMax files kept open for reading
 * @param fullCheck whether opening reads and checks everything
 * @param refusesTorn whether a torn end is refused rather than cut off
 */
public record StoreOptions(
    Path dir,
    String prefix,
    int segmentEntriesMax,
    long segmentBytesMax,
    RetentionLimits retention,
    boolean sequential,
    boolean prepareAhead,
    int batchBytesMax,
    int openSegmentsMax,
    boolean fullCheck,
    boolean refusesTorn) {

  /**
   * Heals a torn end, and keeps so many segments, whatever their size and age.
   *
   * @param segmentsMax segments with entries that are kept; 0 = all
   */
  public StoreOptions(
      Path dir,
      String prefix,
      int segmentEntriesMax,
      long segmentBytesMax,
      int segmentsMax,
      boolean sequential,
      boolean prepareAhead,
      int batchBytesMax,
      int openSegmentsMax,
      boolean fullCheck) {
    this(
        dir,
        prefix,
        segmentEntriesMax,
        segmentBytesMax,
        new RetentionLimits(segmentsMax, 0, 0),
        sequential,
        prepareAhead,
        batchBytesMax,
        openSegmentsMax,
        fullCheck,
        /* refusesTorn= */ false);
  }
}
