package dev.walnut.internal.segment;

import java.util.List;

/**
 * A log after recovery, ready to go on.
 *
 * @param files its files
 * @param state its state
 * @param gaps accepted gaps that still matter
 * @param tail the segment to write to
 * @param numberMax the largest segment number ever seen
 */
record OpenedLog(SegmentFiles files, LogState state, List<Gap> gaps, Tail tail, int numberMax) {}
