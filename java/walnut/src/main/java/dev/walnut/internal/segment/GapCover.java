package dev.walnut.internal.segment;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells which segments lie in gaps, however many gaps there are: a file may list 32 of them, and
 * there may be very many files.
 */
final class GapCover {
  /** By the first segment of a gap: the largest last segment of the gaps that start up to there. */
  private final TreeMap<Integer, Integer> lastByFirst = new TreeMap<>();

  GapCover(Collection<Gap> gaps) {
    int last = -1;
    for (Gap gap : gaps.stream().sorted(Comparator.comparingInt(Gap::firstSegment)).toList()) {
      last = Math.max(last, gap.lastSegment());
      lastByFirst.put(gap.firstSegment(), last);
    }
  }

  boolean contains(int segment) {
    return lastFrom(segment) >= segment;
  }

  /** Whether one gap has all of {@code [first, last]}. */
  boolean containsAll(int first, int last) {
    return lastFrom(first) >= last;
  }

  /**
   * The last segment of the longest gap that reaches from {@code segment} on; less than that if
   * none does.
   */
  int lastFrom(int segment) {
    Map.Entry<Integer, Integer> reaching = lastByFirst.floorEntry(segment);
    return reaching == null ? -1 : reaching.getValue();
  }
}
