package dev.walnut.internal.segment;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.TruncatedException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Goes through one view after the other, each from where the last one ended. */
final class FollowingCursor implements EntryCursor {
  /*
   * Within a view nothing changes: next() shows what was there when the view was taken. look()
   * takes a newer one, and that is where the past may have changed.
   *
   * Truncated. Every view carries the cuts at the log's end. If one that came after ours goes below
   * the last index passed, what follows is no continuation of what was shown. If it does not, but
   * came after our view, the rest of our view may be taken back, and is exchanged for what is there.
   *
   * Compacted. Likewise for the front: if something at or above our position was removed since, it
   * may have come and gone between two looks. That no index is missing could not tell: a log need
   * not be without gaps.
   */
  private final ViewSource source;
  private final SegmentFiles files;
  private final boolean durableOnly;

  private volatile View seen;
  private MergingCursor entries;

  /** The first index not passed yet. */
  private volatile long position;

  FollowingCursor(ViewSource source, SegmentFiles files, long from, boolean durableOnly) {
    this.source = source;
    this.files = files;
    this.durableOnly = durableOnly;
    this.position = from;
    this.seen = source.view();
    this.entries = entries(seen);
  }

  private MergingCursor entries(View view) {
    return new MergingCursor(view, files, position, through(view));
  }

  private long through(View view) {
    return durableOnly ? view.durableIndex() : Long.MAX_VALUE;
  }

  @Override
  public @Nullable StoredEntry next() throws IOException {
    View view = seen;
    try {
      StoredEntry entry = entries.next();
      if (entry != null) {
        if (entry.index() > view.durableIndex()) {
          source.requireKept(view, entries.hasReadFile());
        }
        position = Math.min(entry.index(), Long.MAX_VALUE - 1) + 1;
      }
      return entry;
    } catch (CorruptLogException | NoSuchFileException e) {
      throw source.explain(view, e);
    }
  }

  @Override
  public boolean look() throws IOException {
    return goOn(source.view()) || goOn(source.look());
  }

  /** Whether there is a next entry, in what is seen or else in a newer view. */
  private boolean goOn(View now) throws IOException {
    View before = seen;
    if (now == before) {
      return hasNext();
    }
    requireContinued(now, before);
    boolean cut = now.endCuts().count() != before.endCuts().count();
    if (!cut && hasNext()) {
      return true;
    }
    requireNotRemoved(now, before);
    if (!cut && !reachesPosition(now)) {
      return false;
    }
    entries.release();
    seen = now;
    entries = entries(now);
    return hasNext();
  }

  private boolean hasNext() throws IOException {
    try {
      return entries.hasNext();
    } catch (CorruptLogException | NoSuchFileException e) {
      throw source.explain(seen, e);
    }
  }

  private void requireContinued(View now, View before) throws TruncatedException {
    long lastKept = now.endCuts().deepestSince(before.endCuts().count());
    if (lastKept < position - 1) {
      throw new TruncatedException(
          "read on from index "
              + position
              + ": the log was truncated below it; the last index kept was "
              + lastKept,
          position,
          lastKept);
    }
  }

  private void requireNotRemoved(View now, View before) throws CompactedException {
    long removed = removedSince(now, before);
    if (removed >= position) {
      throw new CompactedException(
          "read on from index "
              + position
              + ": entries up to index "
              + removed
              + " were removed before they were read");
    }
  }

  /** The largest index that was removed from the front between two views. */
  private static long removedSince(View now, View before) {
    return -now.frontCuts().deepestSince(before.frontCuts().count());
  }

  @Override
  public boolean mayHaveMore() {
    View now = source.view();
    View before = seen;
    return now != before
        && (now.endCuts().count() != before.endCuts().count()
            || removedSince(now, before) >= position
            || reachesPosition(now));
  }

  private boolean reachesPosition(View view) {
    return Math.min(view.last(), through(view)) >= position;
  }
}
