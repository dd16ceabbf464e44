package dev.walnut.internal.segment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The state of one logical log: which entries it has and where, its two ends, its low-water mark.
 * Recovery builds it from records and footers, the writer carries it on; both apply the same
 * records in the same way. For one thread at a time; readers get a {@link View}.
 */
final class LogState {
  private SealedIndex sealed = SealedIndex.EMPTY;

  /** Sealed since, and joined when somebody looks: recovery seals many before anybody does. */
  private final List<IndexPart> sealedSince = new ArrayList<>();

  private Segment tail;
  private TailTable tailTable = new TailTable();
  private Effects effects = new Effects();
  private int tailEntriesWritten;
  private long floor;
  private long last;
  private int lowWater;

  /** What was removed from the front, as −(largest index removed). */
  private Cuts frontCuts = Cuts.NONE;

  /** What was taken back at the end, as the last index kept. */
  private Cuts endCuts = Cuts.NONE;

  /** Starts with an empty first segment. */
  LogState(Segment first, IndexBounds bounds, int lowWater) {
    this.tail = first;
    this.floor = bounds.floor();
    this.last = bounds.last();
    this.lowWater = lowWater;
  }

  /** The state behind the records of one segment alone. */
  static LogState replay(SegmentFiles files, SegmentHeader header, SegmentScan scan)
      throws IOException {
    Segment segment = new Segment(header, files);
    LogState state = new LogState(segment, header.bounds(), header.lowWater());
    state.apply(scan, header.firstSequence());
    return state;
  }

  // ---- records

  /** Applies every record of a scan of the tail, the first of which has this sequence. */
  void apply(SegmentScan scan, long firstSequence) throws IOException {
    RecordList records = scan.records();
    int truncations = 0;
    for (int i = 0; i < scan.recordCount(); i++) {
      long sequence = firstSequence + i;
      long argument = records.argument(i);
      switch (records.type(i)) {
        case Format.TYPE_ENTRY -> addEntry(argument, records.offset(i));
        case Format.TYPE_TOMBSTONE -> tombstone(argument, sequence);
        case Format.TYPE_TRUNCATE_BEFORE ->
            truncateBefore(
                kept(argument, Long.MAX_VALUE),
                argument,
                records.oldestSegment(truncations++),
                sequence);
        case Format.TYPE_TRUNCATE_AFTER -> truncateAfter(kept(0, argument), argument, sequence);
        case Format.TYPE_RESET -> reset(keptNone(), argument, sequence);
        default -> {
          // A mark changes nothing.
        }
      }
    }
  }

  void addEntry(long index, int offset) {
    tailTable.put(index, offset);
    tailEntriesWritten++;
    last = Math.max(last, index);
  }

  /** Takes back the newest entry; the last index is then what it was before. */
  void removeEntry(long index, long lastBefore) {
    tailTable.remove(index);
    tailEntriesWritten--;
    last = lastBefore;
  }

  /** Marks an entry. One of an earlier segment may be gone; the effect is kept all the same. */
  void tombstone(long index, long sequence) throws IOException {
    int offset = tailTable.find(index);
    if (offset != OffsetTable.ABSENT) {
      tail.addTombstone(offset);
      return;
    }
    tombstoneSealed(index);
    effects.tombstone(index, sequence);
  }

  private void tombstoneSealed(long index) throws IOException {
    IndexPart part = sealed().find(index);
    if (part != null) {
      part.segment().addTombstone(part.find(index) & ~Format.OFFSET_TOMBSTONED);
    }
  }

  /** What a truncation leaves. */
  record Kept(SealedIndex sealed, TailTable tailTable) {}

  /** What is left without the entries outside {@code [from, to]}; changes nothing yet. */
  Kept kept(long from, long to) throws IOException {
    return new Kept(sealed().within(from, to), tailTable.within(from, to));
  }

  /** What is left if nothing is. */
  Kept keptNone() throws IOException {
    return kept(0, -1);
  }

  private void keep(Kept kept) {
    sealed = kept.sealed();
    tailTable = kept.tailTable();
  }

  void truncateBefore(Kept kept, long firstKept, int oldestSegment, long sequence) {
    long sizeBefore = size();
    keep(kept);
    if (size() < sizeBefore) {
      frontCuts = frontCuts.with(-Math.min(firstKept - 1, last));
    }
    floor = Math.max(floor, firstKept);
    last = Math.max(last, firstKept - 1);
    lowWater = Math.max(lowWater, oldestSegment);
    effects.truncateBefore(firstKept, sequence);
  }

  void truncateAfter(Kept kept, long lastKept, long sequence) {
    keep(kept);
    endCuts = endCuts.with(lastKept);
    last = Math.max(floor - 1, Math.min(last, lastKept));
    effects.truncateAfter(lastKept, sequence);
  }

  void reset(Kept kept, long nextIndex, long sequence) {
    keep(kept);
    endCuts = endCuts.with(-1);
    floor = nextIndex;
    last = nextIndex - 1;
    effects.reset(nextIndex, sequence);
  }

  // ---- segments

  /** The tail takes no more records; its entries join the sealed ones. */
  void sealTail(int end) {
    OffsetTable table = tailTable.snapshot(Integer.MAX_VALUE).compact();
    tail.seal(table, end);
    sealedSince.add(IndexPart.of(tail, table));
  }

  /** A new segment becomes the tail; the one before is sealed. */
  void startTail(Segment next) {
    tail = next;
    tailTable = new TailTable();
    effects = new Effects();
    tailEntriesWritten = 0;
  }

  /** Adds the tail, which has not been read, from what its footer says; it is sealed then. */
  void sealTail(FooterSummary footer) throws IOException {
    Effects done = footer.effects();
    if (done.reset() != Effects.NONE) {
      sealed = sealed().within(0, -1);
    }
    if (done.truncateBefore() != Effects.NONE) {
      sealed = sealed().within(done.truncateBefore(), Long.MAX_VALUE);
    }
    if (done.truncateAfter() != Effects.NONE) {
      sealed = sealed().within(0, done.truncateAfter());
    }
    for (int i = 0; i < done.tombstones(); i++) {
      tombstoneSealed(done.tombstonedIndex(i));
    }
    tail.seal(footer);
    sealedSince.add(IndexPart.of(tail, footer));
    floor = footer.bounds().floor();
    last = footer.bounds().last();
    lowWater = Math.max(lowWater, footer.lowWater());
  }

  /** Turns the last sealed segment, opened from its footer, into the tail again. */
  void reopenTail(FooterSummary footer) throws IOException {
    List<IndexPart> parts = sealed().parts();
    IndexPart part = parts.get(parts.size() - 1);
    OffsetTable table = part.segment().table(); // first: if it cannot be read, nothing happened
    sealed = new SealedIndex(parts.subList(0, parts.size() - 1));
    tail = part.segment().unsealed();
    tailTable = new TailTable();
    for (int i = 0; i < table.count(); i++) {
      addReopened(table, i);
    }
    tailEntriesWritten = footer.entriesWritten();
    effects = footer.effects();
  }

  private void addReopened(OffsetTable table, int position) {
    int raw = table.offsetAt(position);
    int offset = raw & ~Format.OFFSET_TOMBSTONED;
    tailTable.put(table.indexAt(position), offset);
    if (offset != raw) {
      tail.addTombstone(offset);
    }
  }

  /** Drops the sealed segments below a number. */
  void dropBefore(int oldestSegment) {
    lowWater = Math.max(lowWater, oldestSegment);
    for (IndexPart part : sealed().filled()) {
      if (part.segment().number() < lowWater) {
        frontCuts = frontCuts.with(-part.max());
      }
    }
    sealed = sealed().from(lowWater);
  }

  /** What was cut off before, as far as readers have to know. */
  void cuts(Cuts front, Cuts end) {
    frontCuts = front;
    endCuts = end;
  }

  /** A commit header, or a gap before it, decides the ends. */
  void bounds(IndexBounds bounds) {
    floor = bounds.floor();
    last = bounds.last();
  }

  // ---- what is there

  boolean contains(long index) throws IOException {
    return index <= last
        && (tailTable.find(index) != OffsetTable.ABSENT || sealed().find(index) != null);
  }

  boolean isTombstoned(long index) throws IOException {
    int offset = tailTable.find(index);
    if (offset != OffsetTable.ABSENT) {
      return tail.isTombstoned(offset);
    }
    IndexPart part = sealed().find(index);
    int raw = part == null ? OffsetTable.ABSENT : part.find(index);
    return part != null
        && ((raw & Format.OFFSET_TOMBSTONED) != 0 || part.segment().isTombstoned(raw));
  }

  View view(int tailEnd, long durableIndex) {
    return new View(
        sealed(), tail, tailTable, tailEnd, floor, last, size(), durableIndex, frontCuts, endCuts);
  }

  long size() {
    return sealed().size() + tailTable.count();
  }

  IndexBounds bounds() {
    return new IndexBounds(floor, last);
  }

  long floor() {
    return floor;
  }

  long last() {
    return last;
  }

  int lowWater() {
    return lowWater;
  }

  SealedIndex sealed() {
    if (!sealedSince.isEmpty()) {
      sealed = sealed.with(sealedSince);
      sealedSince.clear();
    }
    return sealed;
  }

  Segment tail() {
    return tail;
  }

  Effects effects() {
    return effects;
  }

  /** Entries the tail took, alive or not. */
  int tailEntriesWritten() {
    return tailEntriesWritten;
  }

  /** The tail's entries with the flags that its own footer carries. */
  OffsetTable tailEntries() {
    OffsetTable table = tailTable.snapshot(Integer.MAX_VALUE);
    Set<Integer> tombstones = tail.tombstones();
    return tombstones.isEmpty() ? table : flagged(table, tombstones);
  }

  private static OffsetTable flagged(OffsetTable table, Set<Integer> tombstones) {
    long[] indexes = new long[table.count()];
    int[] offsets = new int[table.count()];
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] = table.indexAt(i);
      int offset = table.offsetAt(i);
      offsets[i] = tombstones.contains(offset) ? offset | Format.OFFSET_TOMBSTONED : offset;
    }
    return OffsetTable.of(indexes, offsets);
  }
}
