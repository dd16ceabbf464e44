package dev.walnut.internal.segment;

import dev.walnut.internal.segment.RetentionLimits.Candidate;
import java.util.ArrayList;
import java.util.List;

/** Which segments go when the next is started. Decided by the writer; shown to whoever asks. */
final class RetentionPlan {
  private final List<Candidate> candidates = new ArrayList<>();
  private final int deleted;

  private RetentionPlan(
      RetentionLimits limits,
      SealedIndex sealed,
      Segment tail,
      int tailEnd,
      long lastIndex,
      long nowMillis,
      long heldFrom) {
    List<IndexPart> parts = sealed.parts();
    for (int i = 0; i < parts.size(); i++) {
      Segment successor = i + 1 < parts.size() ? parts.get(i + 1).segment() : tail;
      IndexPart part = parts.get(i);
      add(part.segment(), part.segment().validBytes(), successor.createdMillis(), part.max());
    }
    add(tail, tailEnd, nowMillis, lastIndex);
    deleted = limits.deleted(candidates, nowMillis, heldFrom);
  }

  /** Segments without records are not counted. */
  private void add(Segment segment, int end, long successorCreatedMillis, long indexMax) {
    if (end > Format.HEADER_BYTES) {
      candidates.add(new Candidate(segment.number(), end, successorCreatedMillis, indexMax));
    }
  }

  /**
   * Decides.
   *
   * @param tail the segment that is sealed then
   * @param tailEnd where it ends
   * @param lastIndex the last index
   * @param nowMillis the time; that of a segment's last record is not known, but its successor was
   *     created later
   * @param heldFrom the lowest index held, or {@link RetentionLimits#NOTHING_HELD}
   */
  static RetentionPlan of(
      RetentionLimits limits,
      SealedIndex sealed,
      Segment tail,
      int tailEnd,
      long lastIndex,
      long nowMillis,
      long heldFrom) {
    return new RetentionPlan(limits, sealed, tail, tailEnd, lastIndex, nowMillis, heldFrom);
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

  /** What goes, from the view it was decided by. */
  EntryStore.Removal removal(SegmentFiles files, View view) {
    int oldest = oldestKept(0, view.tail().number() + 1);
    List<IndexPart> gone = new ArrayList<>();
    for (IndexPart part : view.sealed().parts()) {
      if (part.segment().number() < oldest) {
        gone.add(part);
      }
    }
    if (view.tail().number() < oldest) {
      gone.add(IndexPart.of(view.tail(), view.tailEntries()));
    }
    long bytes = candidates.stream().limit(deleted).mapToLong(Candidate::bytes).sum();
    return Retention.removal(files, gone, bytes);
  }
}
