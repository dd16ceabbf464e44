package dev.walnut.internal.segment;

import java.io.IOException;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Goes through the segments of a view in index order; ranges of segments may overlap. */
final class MergingCursor {
  /** One segment's entries, from some place on. */
  private static final class Walk {
    final Segment segment;
    final @Nullable IndexPart part;
    final int end;
    @Nullable OffsetTable table;
    int position;
    int positionEnd;

    /** The next index; a lower bound of it until the table is loaded. */
    long next;

    Walk(Segment segment, @Nullable IndexPart part, int end, long next) {
      this.segment = segment;
      this.part = part;
      this.end = end;
      this.next = next;
    }
  }

  private final SegmentFiles files;

  /** The last index wanted. */
  private final long through;

  /** An index that is in two segments, which no writer leaves, is shown in the order written. */
  private final PriorityQueue<Walk> walks =
      new PriorityQueue<>(
          Comparator.comparingLong((Walk w) -> w.next).thenComparingInt(w -> w.segment.number()));

  private @Nullable Scratch scratch;
  private @Nullable FileWindow window;
  private @Nullable Walk windowOf;
  private boolean readFile;

  MergingCursor(View view, SegmentFiles files, long from, long through) {
    this.files = files;
    this.through = through;
    for (IndexPart part : view.sealed().filled()) {
      if (part.max() >= from) {
        Segment segment = part.segment();
        walks.add(new Walk(segment, part, segment.validBytes(), Math.max(from, part.min())));
      }
    }
    addTail(view, from);
  }

  private void addTail(View view, long from) {
    OffsetTable table = view.tailEntries(from);
    int position = table.lowerBound(from);
    if (position < table.count()) {
      Walk tail = new Walk(view.tail(), null, view.tailEnd(), table.indexAt(position));
      tail.table = table;
      tail.position = position;
      tail.positionEnd = table.count();
      walks.add(tail);
    }
  }

  /** The next entry, or null behind the last. */
  @Nullable StoredEntry next() throws IOException {
    Walk walk = head();
    if (walk == null) {
      release();
      return null;
    }
    StoredEntry entry = read(walk);
    advance(walk);
    return entry;
  }

  boolean hasNext() throws IOException {
    return head() != null;
  }

  /** The walk that has the next entry, or null. */
  private @Nullable Walk head() throws IOException {
    Walk walk = walks.peek();
    while (walk != null && walk.table == null && walk.next <= through) {
      load(walk);
      walk = walks.peek();
    }
    return walk != null && walk.next <= through ? walk : null;
  }

  /** Loads the table of the walk at the head; where it really starts is known only now. */
  private void load(Walk walk) throws IOException {
    IndexPart part = walk.part;
    assert part != null : "the tail's table is never loaded";
    OffsetTable table = part.segment().table();
    walk.table = table;
    walk.position = table.lowerBound(walk.next);
    walk.positionEnd = table.lowerBound(part.max()) + 1;
    settle(walk, table);
  }

  private void advance(Walk walk) {
    walk.position++;
    OffsetTable table = walk.table;
    assert table != null : "an entry was read through it";
    if (walks.size() == 1 && walk.position < walk.positionEnd) {
      walk.next = table.indexAt(walk.position);
    } else {
      settle(walk, table);
    }
  }

  /** Puts the walk at the head where its next index belongs. */
  private void settle(Walk walk, OffsetTable table) {
    walks.remove(walk);
    if (walk.position < walk.positionEnd) {
      walk.next = table.indexAt(walk.position);
      walks.add(walk);
    }
  }

  private StoredEntry read(Walk walk) throws IOException {
    Scratch own = scratch;
    if (own == null) {
      own = files.scratches().take();
      scratch = own;
    }
    FileWindow current = window;
    if (current == null || windowOf != walk) {
      current = EntryReader.window(walk.segment, walk.end, own, own.memory.capacity());
      window = current;
      windowOf = walk;
    }
    OffsetTable table = walk.table;
    assert table != null : "loaded before";
    long before = current.bytesRead();
    StoredEntry entry =
        EntryReader.read(current, own, walk.segment, table.offsetAt(walk.position), walk.next);
    readFile = current.bytesRead() != before;
    return entry;
  }

  /** Whether bytes were read from a file for the last entry; else they were in memory already. */
  boolean hasReadFile() {
    return readFile;
  }

  /** Gives its memory back. */
  void release() {
    Scratch used = scratch;
    if (used != null) {
      files.scratches().give(used);
      scratch = null;
      window = null;
    }
  }
}
