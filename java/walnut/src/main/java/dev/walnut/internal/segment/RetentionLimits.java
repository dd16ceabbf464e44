package dev.walnut.internal.segment;

import java.util.List;

/**
 * How much of a log is kept. A segment goes when any limit says so; 0 is no limit.
 *
 * @param segmentsMax segments with entries, the one that is started included
 * @param bytesMax bytes of all segments but the one that is started
 * @param ageMillisMax how long after its last record a segment is kept
 */
public record RetentionLimits(int segmentsMax, long bytesMax, long ageMillisMax) {
  /** Everything is kept. */
  public static final RetentionLimits NONE = new RetentionLimits(0, 0, 0);

  /**
   * A segment with records, as the limits see it.
   *
   * @param number its number
   * @param hasEntries whether any entry of it is left; truncations may have taken all
   * @param bytes its bytes up to the end of its last batch
   * @param endedMillis a time at which its last record had been written
   */
  record Candidate(int number, boolean hasEntries, long bytes, long endedMillis) {}

  /**
   * How many of the oldest segments may go when the next is started.
   *
   * @param oldestFirst the segments with records
   * @param nowMillis the time
   */
  int deleted(List<Candidate> oldestFirst, long nowMillis) {
    int byNumber = tooMany(oldestFirst);
    return Math.max(byNumber, Math.max(tooLarge(oldestFirst), tooOld(oldestFirst, nowMillis)));
  }

  /**
   * Those in excess. One that was emptied does not count, since entries would go in its stead; it
   * goes with those before it.
   */
  private int tooMany(List<Candidate> oldestFirst) {
    if (segmentsMax == 0) {
      return 0;
    }
    int kept = oldestFirst.size();
    int counted = 0;
    while (kept > 0 && (!oldestFirst.get(kept - 1).hasEntries() || counted < segmentsMax - 1)) {
      kept--;
      counted += oldestFirst.get(kept).hasEntries() ? 1 : 0;
    }
    return kept == 0 ? 0 : behindEmptied(oldestFirst, kept);
  }

  private static int behindEmptied(List<Candidate> oldestFirst, int from) {
    int behind = from;
    while (behind < oldestFirst.size() && !oldestFirst.get(behind).hasEntries()) {
      behind++;
    }
    return behind;
  }

  /** Those that, with all newer ones, are too many bytes. */
  private int tooLarge(List<Candidate> oldestFirst) {
    if (bytesMax == 0) {
      return 0;
    }
    int kept = oldestFirst.size();
    long bytes = 0;
    while (kept > 0 && bytes + oldestFirst.get(kept - 1).bytes() <= bytesMax) {
      kept--;
      bytes += oldestFirst.get(kept).bytes();
    }
    return kept;
  }

  /**
   * The oldest go first, so one that seems young keeps all that are newer, whatever their clocks
   * said; and one of the future is as young as can be.
   */
  private int tooOld(List<Candidate> oldestFirst, long nowMillis) {
    if (ageMillisMax == 0) {
      return 0;
    }
    int old = 0;
    while (old < oldestFirst.size()
        && oldestFirst.get(old).endedMillis() < nowMillis - ageMillisMax) {
      old++;
    }
    return old;
  }
}
