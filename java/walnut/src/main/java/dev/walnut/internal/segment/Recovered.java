package dev.walnut.internal.segment;

import java.util.List;

/**
 * What recovery decided: where the log ends, and what has to be done so that it does.
 *
 * @param state the log's state at its end; the last kept segment is its tail
 * @param kept the segments kept, oldest first
 * @param durableThrough D: every sequence up to it was durable
 * @param gaps accepted gaps that still matter
 * @param endsInside whether bytes that are not zeros follow in the last kept segment
 * @param endsBehind whether segments follow that are cut off, so that a new one must take over
 * @param dead files to be removed
 * @param numberMax the largest number seen
 */
record Recovered(
    LogState state,
    List<KeptSegment> kept,
    long durableThrough,
    List<Gap> gaps,
    boolean endsInside,
    boolean endsBehind,
    List<FoundSegment> dead,
    int numberMax) {

  KeptSegment last() {
    return kept.get(kept.size() - 1);
  }
}
