package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.segment.HarvestedSegment.LostRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a damaged log and decides which of its entries salvage keeps. Writes nothing. */
final class Harvester {
  /*
   * Forward through the files, one at a time: every intact record, and what the segment's own
   * records leave. Then back over the tables: what later segments do to earlier ones. Only tables
   * are kept in memory.
   *
   * Truncations that were lost with their records are told all the same by whatever states the ends
   * of the log later on: headers, and footers, which also tell all that their segment's records did.
   * What neither tells is uncertain, and reported.
   */
  private static final int RANGES_MAX = 1000;

  private final SegmentFiles files;
  private final NavigableMap<Integer, FoundSegment> found;
  private final Progress progress;

  /** The files of the log by their true number. */
  private final TreeMap<Integer, FoundSegment> sources = new TreeMap<>();

  private final TreeMap<Integer, SegmentHeader> headers = new TreeMap<>();
  private final List<Path> ignored = new ArrayList<>();
  private final Set<Long> staleEpochs = new HashSet<>();
  private final Set<Gap> gaps = new HashSet<>();
  private final List<IndexRange> dropped = new ArrayList<>();
  private long droppedEntries;
  private int lowWater;
  private IndexBounds bounds = IndexBounds.FRESH;

  /** Hears how far it has come. */
  interface Progress {
    void reached(long bytes, long bytesTotal);
  }

  private Harvester(
      SegmentFiles files, NavigableMap<Integer, FoundSegment> found, Progress progress) {
    this.files = files;
    this.found = found;
    this.progress = progress;
  }

  /** Reads a log whose headers and footers have been read. */
  static Harvest harvest(
      SegmentFiles files, NavigableMap<Integer, FoundSegment> found, Progress progress)
      throws IOException {
    return new Harvester(files, found, progress).harvest();
  }

  private Harvest harvest() throws IOException {
    collect();
    dropStale();
    dropDone();
    List<HarvestedSegment> read = new ArrayList<>();
    long bytes = 0;
    long total = sources.values().stream().mapToLong(FoundSegment::fileBytes).sum();
    Map.Entry<Integer, FoundSegment> source = sources.firstEntry();
    while (source != null) {
      progress.reached(bytes, total);
      read.add(read(source.getKey(), source.getValue()));
      bytes += source.getValue().fileBytes();
      source = sources.higherEntry(source.getKey());
    }
    progress.reached(total, total);
    return judged(applyLater(read));
  }

  // ---- which files

  private void collect() throws IOException {
    LogId ours = Recovery.commonLogId(found.values());
    for (FoundSegment segment : found.values()) {
      SegmentHeader header = segment.header();
      if (header == null) {
        if (!segment.isUnborn()) {
          sources.put(segment.number(), segment);
        }
      } else if (!header.logId().equals(ours)) {
        ignored.add(segment.path());
      } else if (header.number() == segment.number()) {
        take(segment, header);
      }
    }
    for (FoundSegment segment : found.values()) {
      SegmentHeader header = segment.header();
      if (header != null && header.logId().equals(ours) && header.number() != segment.number()) {
        takeMisnamed(segment, header);
      }
    }
  }

  private void take(FoundSegment segment, SegmentHeader header) {
    sources.put(header.number(), segment);
    headers.put(header.number(), header);
  }

  /** A file under a wrong name may be the only one with its number. */
  private void takeMisnamed(FoundSegment segment, SegmentHeader header) {
    if (sources.containsKey(header.number())) {
      ignored.add(segment.path());
    } else {
      take(segment, header);
    }
  }

  /** What another life of the log left behind, told as opening tells it. */
  private void dropStale() {
    headers.values().forEach(header -> gaps.addAll(header.gaps()));
    for (SegmentHeader header : List.copyOf(headers.values())) {
      if (isStale(header)) {
        dropStale(header);
      }
    }
  }

  /** With it goes every segment that follows from it. */
  private void dropStale(SegmentHeader header) {
    staleEpochs.add(header.epoch());
    drop(header.number());
    SegmentHeader next = successor(header.number());
    if (next != null && staleEpochs.contains(Objects.requireNonNull(next.predecessor()).epoch())) {
      dropStale(next);
    }
  }

  private boolean isStale(SegmentHeader header) {
    Predecessor facts = header.predecessor();
    if (facts == null) {
      return false;
    }
    SegmentHeader before = headers.get(facts.number());
    if (staleEpochs.contains(facts.epoch())) {
      return true;
    }
    if (before != null && before.epoch() != facts.epoch()) {
      return true;
    }
    return !header.commit()
        && headers.subMap(facts.number(), false, header.number(), false).keySet().stream()
            .anyMatch(between -> header.gaps().stream().noneMatch(g -> g.contains(between)));
  }

  /** What retention has removed, or a loss that was accepted. */
  private void dropDone() {
    for (Map.Entry<Integer, SegmentHeader> entry : headers.entrySet()) {
      lowWater = Math.max(lowWater, entry.getValue().lowWater());
      FooterSummary footer = source(entry.getKey()).footer();
      if (footer != null) {
        lowWater = Math.max(lowWater, footer.lowWater());
      }
    }
    List<Integer> done = new ArrayList<>(sources.headMap(lowWater, false).keySet());
    for (Gap gap : gaps) {
      if (gap.firstSegment() <= gap.lastSegment()) {
        done.addAll(sources.subMap(gap.firstSegment(), true, gap.lastSegment(), true).keySet());
      }
    }
    new HashSet<>(done).forEach(this::drop);
  }

  private void drop(int number) {
    FoundSegment segment = sources.remove(number);
    headers.remove(number);
    if (segment != null) {
      ignored.add(segment.path());
    }
  }

  // ---- one file

  private HarvestedSegment read(int number, FoundSegment segment) throws IOException {
    Scratch scratch = files.scratches().take();
    try (DiskFile file = files.directory().openRead(files.name(segment.number()))) {
      FileWindow window =
          new FileWindow(
              file::read, file.name(), segment.fileBytes(), scratch.memory, Scratch.BYTES);
      return best(number, segment, window, scratch);
    } finally {
      files.scratches().give(scratch);
    }
  }

  /** If a header cannot be read, whatever epoch proves most is the segment's. */
  private HarvestedSegment best(
      int number, FoundSegment segment, FileWindow window, Scratch scratch) throws IOException {
    IndexBounds before = bounds;
    Reading best = null;
    for (long epoch : epochs(number, window)) {
      Reading reading = new Reading(number, segment, epoch, window, scratch, before);
      if (best == null || reading.scanner.found() > best.scanner.found()) {
        best = reading;
      }
    }
    if (best == null) {
      return new HarvestedSegment(
          segment,
          number,
          0,
          OffsetTable.of(new long[0], new int[0]),
          new Effects(),
          List.of(new LostRange(0, segment.fileBytes())));
    }
    return best.harvested();
  }

  private Set<Long> epochs(int number, FileWindow window) throws IOException {
    Set<Long> epochs = new LinkedHashSet<>();
    SegmentHeader own = headers.get(number);
    if (own != null) {
      epochs.add(own.epoch());
      return epochs;
    }
    Map.Entry<Integer, SegmentHeader> before = headers.lowerEntry(number);
    if (before != null) {
      epochs.add(before.getValue().successorEpoch());
    }
    SegmentHeader after = successor(number);
    if (after != null && after.predecessor() != null) {
      epochs.add(after.predecessor().epoch());
    }
    if (window.fileBytes() >= Format.HEADER_BYTES) {
      epochs.add(window.bytes().getLong(window.at(40, Long.BYTES)));
    }
    return epochs;
  }

  /** The next segment that says it follows a number. */
  private @Nullable SegmentHeader successor(int number) {
    Map.Entry<Integer, SegmentHeader> next = headers.higherEntry(number);
    Predecessor facts = next == null ? null : next.getValue().predecessor();
    return next != null && facts != null && facts.number() == number ? next.getValue() : null;
  }

  /** One reading of a file under one epoch. */
  private final class Reading implements SalvageScanner.Sink {
    private final int number;
    private final FoundSegment segment;
    private final long epoch;
    private final IndexBounds before;
    private final SegmentReplay replay = new SegmentReplay();
    private final List<LostRange> lost = new ArrayList<>();
    private final List<IndexRange> hit = new ArrayList<>();
    private long hitEntries;
    private final SalvageScanner scanner;
    private final @Nullable FooterSummary footer;
    private @Nullable OffsetTable table;

    Reading(
        int number,
        FoundSegment segment,
        long epoch,
        FileWindow window,
        Scratch scratch,
        IndexBounds before)
        throws IOException {
      this.number = number;
      this.segment = segment;
      this.epoch = epoch;
      this.before = before;
      FooterReader reader = new FooterReader(window, number, epoch);
      FooterSummary summary = reader.readSummary(segment.path());
      scanner = new SalvageScanner(window, scratch, segment.path(), number, epoch, replay, this);
      long limit = limit(window, summary);
      scanner.scan(limit);
      footer = summary != null && isOfTheseBatches(summary, limit, reader) ? summary : null;
    }

    /** A commit header ends the segment before it; what lies behind is dead. */
    private long limit(FileWindow window, @Nullable FooterSummary summary) {
      long limit = summary == null ? window.fileBytes() : summary.validBytes();
      SegmentHeader next = successor(number);
      Predecessor facts = factsOf(next);
      return next != null && facts != null && next.commit()
          ? Math.min(limit, facts.validBytes())
          : limit;
    }

    private @Nullable Predecessor factsOf(@Nullable SegmentHeader next) {
      Predecessor facts = next == null ? null : next.predecessor();
      return facts != null && facts.epoch() == epoch ? facts : null;
    }

    /** A rotation header tells where the segment before it ended, unless that went on. */
    private void useSuccessor() {
      SegmentHeader next = successor(number);
      Predecessor facts = factsOf(next);
      if (next == null || facts == null || next.commit()) {
        return;
      }
      if (scanner.lastBatchEnd() > facts.validBytes()) {
        dropStale(next);
      } else {
        lost.removeIf(range -> range.from() >= facts.validBytes());
      }
    }

    /** Whether a footer speaks of what was found, in all its parts. */
    private boolean isOfTheseBatches(FooterSummary summary, long limit, FooterReader reader)
        throws IOException {
      if (summary.validBytes() != limit
          || summary.validBytes() < scanner.lastBatchEnd()
          || summary.lastSequence() < scanner.lastSequence()
          || !reader.readTombstones(summary)) {
        return false;
      }
      table = reader.readTable(summary);
      return table != null;
    }

    @Override
    public void lost(long from, long to) {
      int count = lost.size();
      if (count < RANGES_MAX) {
        lost.add(new LostRange(from, to));
      } else {
        lost.set(count - 1, new LostRange(lost.get(count - 1).from(), to));
      }
    }

    @Override
    public void dropped(long index) {
      hitEntries++;
      IndexRange.add(hit, index, RANGES_MAX);
    }

    HarvestedSegment harvested() {
      useSuccessor();
      SegmentReplay.Left left = replay.left();
      FooterSummary told = footer;
      OffsetTable tableTold = table;
      lowWater = replay.lowWater(lowWater);
      droppedEntries += hitEntries;
      dropped.addAll(hit.subList(0, Math.min(hit.size(), RANGES_MAX - dropped.size())));
      SegmentHeader header = headers.get(number);
      IndexBounds start = header == null ? before : header.bounds();
      Effects effects = left.effects();
      if (told != null && tableTold != null) {
        bounds = told.bounds();
        effects = told.effects();
        state(effects, told.bounds());
      } else {
        bounds = replay.bounds(start);
      }
      if (header != null) {
        state(effects, header.bounds());
      }
      boolean complete = told != null && tableTold != null;
      return new HarvestedSegment(
          segment,
          number,
          epoch,
          complete && tableTold != null ? common(left.table(), tableTold) : left.table(),
          effects,
          complete ? List.of() : List.copyOf(lost));
    }
  }

  /** Whatever states the ends of the log says what was truncated before. */
  private static void state(Effects effects, IndexBounds ends) {
    effects.truncateBefore(ends.floor(), 0);
    if (ends.last() < 0) {
      effects.reset(ends.floor(), 0); // no index is left, and −1 is none to truncate after
    } else {
      effects.truncateAfter(ends.last(), 0);
    }
  }

  /** The entries found that a footer calls alive, as it calls them. */
  private static OffsetTable common(OffsetTable left, OffsetTable told) {
    Picked picked = new Picked();
    for (int i = 0; i < left.count(); i++) {
      int offset = told.find(left.indexAt(i));
      if ((offset & ~Format.OFFSET_TOMBSTONED) == (left.offsetAt(i) & ~Format.OFFSET_TOMBSTONED)) {
        picked.add(left.indexAt(i), offset);
      }
    }
    return picked.table();
  }

  /** Entries of a table, by rising index. */
  private static final class Picked {
    private long[] indexes = new long[16];
    private int[] offsets = new int[16];
    private int count;

    void add(long index, int offset) {
      if (count == indexes.length) {
        indexes = Arrays.copyOf(indexes, 2 * count);
        offsets = Arrays.copyOf(offsets, 2 * count);
      }
      indexes[count] = index;
      offsets[count++] = offset;
    }

    OffsetTable table() {
      return OffsetTable.of(Arrays.copyOf(indexes, count), Arrays.copyOf(offsets, count));
    }
  }

  // ---- what later segments do to earlier ones

  private List<HarvestedSegment> applyLater(List<HarvestedSegment> read) {
    List<HarvestedSegment> kept = new ArrayList<>(read);
    LongSet seen = overlap(read) ? new LongSet() : null;
    Set<Long> tombstoned = new HashSet<>();
    long from = 0;
    long to = Long.MAX_VALUE;
    for (int i = read.size() - 1; i >= 0; i--) {
      HarvestedSegment segment = read.get(i);
      boolean gone = segment.number() < lowWater;
      kept.set(
          i,
          segment.with(pick(segment.table(), gone ? 0 : from, gone ? -1 : to, seen, tombstoned)));
      Effects effects = segment.effects();
      from = Math.max(from, effects.truncateBefore());
      if (effects.truncateAfter() != Effects.NONE) {
        to = Math.min(to, effects.truncateAfter());
      }
      if (effects.reset() != Effects.NONE) {
        to = -1;
      }
      for (int n = 0; n < effects.tombstones(); n++) {
        tombstoned.add(effects.tombstonedIndex(n));
      }
    }
    return kept;
  }

  /** Whether an index may be in two segments, which only a lost truncation explains. */
  private static boolean overlap(List<HarvestedSegment> segments) {
    long last = -1;
    for (HarvestedSegment segment : segments) {
      OffsetTable table = segment.table();
      if (table.count() > 0) {
        if (table.indexAt(0) <= last) {
          return true;
        }
        last = table.indexAt(table.count() - 1);
      }
    }
    return false;
  }

  private static OffsetTable pick(
      OffsetTable table, long from, long to, @Nullable LongSet seen, Set<Long> tombstoned) {
    Picked picked = new Picked();
    for (int i = 0; i < table.count(); i++) {
      long index = table.indexAt(i);
      int flag = tombstoned.remove(index) ? Format.OFFSET_TOMBSTONED : 0;
      boolean kept = from <= index && index <= to;
      if (kept && (seen == null || seen.add(index))) {
        picked.add(index, table.offsetAt(i) | flag);
      }
    }
    return picked.count == table.count() && tombstoned.isEmpty() && !hasNewFlags(picked, table)
        ? table
        : picked.table();
  }

  private static boolean hasNewFlags(Picked picked, OffsetTable table) {
    for (int i = 0; i < picked.count; i++) {
      if (picked.offsets[i] != table.offsetAt(i)) {
        return true;
      }
    }
    return false;
  }

  // ---- what is told of it

  private Harvest judged(List<HarvestedSegment> segments) {
    List<Uncertain> uncertain = new ArrayList<>();
    Sum sum = new Sum();
    int before = -1;
    for (HarvestedSegment segment : segments) {
      missingFile(segment, before, sum, uncertain);
      sum.add(segment, uncertain);
      before = segment.number();
    }
    Missing missing = missing(segments);
    return new Harvest(
        segments,
        ends(sum),
        sum.entries,
        sum.tombstones,
        List.copyOf(dropped),
        droppedEntries,
        missing.ranges,
        missing.indexes,
        List.copyOf(uncertain),
        List.copyOf(ignored));
  }

  private void missingFile(
      HarvestedSegment segment, int before, Sum sum, List<Uncertain> uncertain) {
    SegmentHeader header = headers.get(segment.number());
    Predecessor facts = header == null ? null : header.predecessor();
    if (facts == null
        || facts.number() <= before
        || facts.number() < lowWater
        || sources.containsKey(facts.number())
        || gaps.stream().anyMatch(g -> g.contains(facts.number()))) {
      return;
    }
    sum.uncertain(files.path(facts.number()), new LostRange(0, -1), uncertain);
  }

  /** What is kept, counted in the order written. */
  private static final class Sum {
    long entries;
    long tombstones;
    long first = Long.MAX_VALUE;
    long last = -1;

    void add(HarvestedSegment segment, List<Uncertain> uncertain) {
      int next = 0;
      for (int position : segment.order()) {
        int offset = segment.table().offsetAt(position);
        int place = offset & ~Format.OFFSET_TOMBSTONED;
        while (next < segment.lost().size() && segment.lost().get(next).from() < place) {
          uncertain(segment.found().path(), segment.lost().get(next++), uncertain);
        }
        entries++;
        tombstones += offset < 0 ? 1 : 0;
        first = Math.min(first, segment.table().indexAt(position));
        last = Math.max(last, segment.table().indexAt(position));
      }
      while (next < segment.lost().size()) {
        uncertain(segment.found().path(), segment.lost().get(next++), uncertain);
      }
    }

    void uncertain(Path file, LostRange range, List<Uncertain> uncertain) {
      if (entries > 0 && uncertain.size() < LogVerifier.PLACES_MAX) {
        uncertain.add(new Uncertain(file, range.from(), range.to(), entries, first, last));
      }
    }
  }

  /** The ends as they were told last, and not within what is kept. */
  private IndexBounds ends(Sum sum) {
    long floor = sum.entries == 0 ? bounds.floor() : Math.min(bounds.floor(), sum.first);
    long last = Math.max(Math.max(bounds.last(), sum.last), floor - 1);
    return new IndexBounds(floor, last);
  }

  private record Missing(List<IndexRange> ranges, long indexes) {}

  private static Missing missing(List<HarvestedSegment> segments) {
    List<IndexRange> runs = new ArrayList<>();
    for (HarvestedSegment segment : segments) {
      addRuns(segment.table(), runs);
    }
    runs.sort((one, other) -> Long.compare(one.first(), other.first()));
    List<IndexRange> ranges = new ArrayList<>();
    long indexes = 0;
    long last = runs.isEmpty() ? 0 : runs.get(0).first() - 1;
    for (IndexRange run : runs) {
      if (run.first() > last + 1) {
        indexes += run.first() - last - 1;
        if (ranges.size() < RANGES_MAX) {
          ranges.add(new IndexRange(last + 1, run.first() - 1));
        }
      }
      last = Math.max(last, run.last());
    }
    return new Missing(List.copyOf(ranges), indexes);
  }

  private static void addRuns(OffsetTable table, List<IndexRange> runs) {
    int count = table.count();
    int start = 0;
    for (int i = 1; i <= count; i++) {
      if (i == count || table.indexAt(i) != table.indexAt(i - 1) + 1) {
        runs.add(new IndexRange(table.indexAt(start), table.indexAt(i - 1)));
        start = i;
      }
    }
  }

  private FoundSegment source(int number) {
    FoundSegment segment = sources.get(number);
    assert segment != null : "asked for files that are there";
    return segment;
  }
}
