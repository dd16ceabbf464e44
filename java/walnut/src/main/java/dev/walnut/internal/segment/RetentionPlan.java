package dev.walnut.internal.segment;

import dev.walnut.internal.segment.RetentionLimits.Candidate;
import java.util.ArrayList;
import java.util.List;

/**
 * Which segments may go when the next is started, if nothing holds them. Decided by the writer;
 * shown to whoever asks.
 */
final class RetentionPlan {
  private final List<Candidate> candidates = new ArrayList<>();
  private final int deleted;

  private RetentionPlan(
      RetentionLimits limits,
      SealedIndex sealed,
      Segment tail,
      int tailEnd,
      boolean tailHasEntries,
      long nowMillis) {
    if (limits.equals(RetentionLimits.NONE)) {
      deleted = 0; // without a look at every segment, since each rotation asks
      return;
    }
    List<IndexPart> parts = sealed.parts();
    for (int i = 0; i < parts.size(); i++) {
      Segment successor = i + 1 < parts.size() ? parts.get(i + 1).segment() : tail;
      Segment segment = parts.get(i).segment();
      boolean hasEntries = !parts.get(i).isEmpty();
      add(segment, hasEntries, segment.validBytes(), successor.createdMillis());
    }
    add(tail, tailHasEntries, tailEnd, nowMillis);
    deleted = limits.deleted(candidates, nowMillis);
  }

  /** Segments without records are not counted. */
  private void add(Segment segment, boolean hasEntries, int end, long successorCreatedMillis) {
    if (end > Format.HEADER_BYTES) {
      candidates.add(new Candidate(segment.number(), hasEntries, end, successorCreatedMillis));
    }
  }

  /**
   * Decides.
   *
   * @param tail the segment that is sealed then
   * @param tailEnd where it ends
   * @param tailHasEntries whether any entry of it is left
   * @param nowMillis the time; that of a segment's last record is not known, but its successor was
   *     created later
   */
  static RetentionPlan of(
      RetentionLimits limits,
      SealedIndex sealed,
      Segment tail,
      int tailEnd,
      boolean tailHasEntries,
      long nowMillis) {
    return new RetentionPlan(limits, sealed, tail, tailEnd, tailHasEntries, nowMillis);
  }

  /**
   * The oldest segment that stays.
   *
   * @param lowWater the oldest kept so far
   * @param next the segment that is started
   */
  int oldestKept(int lowWater, int next) {
    if (deleted == 0) {
      return lowWater;
    }
    int oldest = deleted == candidates.size() ? next : candidates.get(deleted).number();
    return Math.max(lowWater, oldest);
  }

  /** What goes, from the view it was decided by, if the segments from one on stay. */
  static EntryStore.Removal removal(SegmentFiles files, View view, int oldestKept) {
    List<IndexPart> gone = new ArrayList<>(view.sealed().below(oldestKept));
    long bytes = gone.stream().mapToLong(part -> part.segment().validBytes()).sum();
    if (view.tail().number() < oldestKept) {
      gone.add(IndexPart.of(view.tail(), view.tailEntries()));
      bytes += view.tailEnd();
    }
    return Retention.removal(files, gone, bytes);
  }
}
