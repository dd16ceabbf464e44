package dev.walnut.internal.segment;

import java.nio.file.Path;
import java.util.List;

/**
 * What salvage can keep of a log.
 *
 * @param segments the segments with what is kept of each, oldest first
 * @param bounds the ends of the log
 * @param entries entries kept
 * @param tombstones those of them that are tombstoned
 * @param dropped ranges of indexes of intact entries that are not kept, as their write batch is not
 *     whole
 * @param droppedEntries how many entries that is
 * @param missing ranges of indexes between the first and the last kept entry that are not there
 * @param missingIndexes how many indexes that is
 * @param uncertain where effects on kept entries may have been lost
 * @param ignored files that are not part of the log
 */
record Harvest(
    List<HarvestedSegment> segments,
    IndexBounds bounds,
    long entries,
    long tombstones,
    List<IndexRange> dropped,
    long droppedEntries,
    List<IndexRange> missing,
    long missingIndexes,
    List<Uncertain> uncertain,
    List<Path> ignored) {}
