package dev.walnut.internal.segment;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a salvage found and did.
 *
 * @param resumed whether it finished one that was interrupted
 * @param applied whether a new log was put in the place of the old one, by this run or by the one
 *     it finished
 * @param verification what is wrong with the log; after a swap that was finished, with the new one
 * @param harvest what can be, or was, kept; null if there was nothing to salvage
 * @param quarantine where the old files lie; null if they were not moved
 */
public record SalvageOutcome(
    boolean resumed,
    boolean applied,
    Verification verification,
    @Nullable Kept harvest,
    @Nullable Path quarantine) {

  /**
   * What is kept of a log.
   *
   * @param entries entries kept, tombstoned ones among them
   * @param tombstones those of them that are tombstoned
   * @param firstIndex the first index of the new log; last + 1 if it is empty
   * @param lastIndex the last index, as far as anything tells
   * @param dropped intact entries that are not kept, as their write batch is not whole; the first
   *     1000 ranges
   * @param droppedEntries how many entries that is
   * @param missing indexes between the first and the last kept entry that are not there; the first
   *     1000 ranges
   * @param missingIndexes how many indexes that is
   * @param uncertain where effects on kept entries may have been lost
   * @param ignored files that are not part of the log
   */
  public record Kept(
      long entries,
      long tombstones,
      long firstIndex,
      long lastIndex,
      List<IndexRange> dropped,
      long droppedEntries,
      List<IndexRange> missing,
      long missingIndexes,
      List<Uncertain> uncertain,
      List<Path> ignored) {}
}
