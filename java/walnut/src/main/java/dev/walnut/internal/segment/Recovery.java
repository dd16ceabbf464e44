package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Decides from what lies in the files where a log ends, or that it must not be opened. */
final class Recovery {
  /*
   * D is the largest durable-through in anything authentic. s is the first sequence whose bytes are
   * bad, missing or do not chain. s <= D is corruption: those bytes were durable once. s > D is a
   * torn end: the log ends at s - 1, whatever follows. Nothing else decides: not the size of a file,
   * not which files are there, not what a header says of its predecessor.
   *
   * The steps are those of docs/FORMAT.md, "Opening". Nothing is written here.
   */
  private final SegmentFiles files;
  private final NavigableMap<Integer, FoundSegment> found;
  private final TreeMap<Integer, SegmentHeader> headers = new TreeMap<>();
  private final boolean fullCheck;
  private long durable;
  private Set<Gap> gaps = Set.of();
  private GapCover gapCover = new GapCover(gaps);

  private Recovery(
      SegmentFiles files, NavigableMap<Integer, FoundSegment> found, boolean fullCheck) {
    this.files = files;
    this.found = found;
    this.fullCheck = fullCheck;
  }

  /**
   * Decides.
   *
   * @return null if there is no log yet
   * @throws CorruptLogException if bytes that were durable are wrong or missing
   */
  static @Nullable Recovered decide(
      SegmentFiles files, NavigableMap<Integer, FoundSegment> found, boolean fullCheck)
      throws IOException {
    return new Recovery(files, found, fullCheck).decide();
  }

  private @Nullable Recovered decide() throws IOException {
    collectHeaders();
    if (headers.isEmpty()) {
      requireNothingBehindHeaders();
      return null;
    }
    dropStaleHeaders();
    gaps = collectGaps();
    gapCover = new GapCover(gaps);
    int newest = headers.lastKey();
    List<Node> chain = chainTo(newest);
    List<FoundSegment> beyond = writtenBehind(newest);
    gatherDurable(chain);
    Walk walk = walkFromLowWater(chain);
    durable = Math.max(durable, walk.durable);
    boolean endsInside = walk.hole == null && hasDataBehind(walk.last());
    requireTorn(walk, chain, beyond, endsInside);
    return result(walk, beyond, endsInside);
  }

  // ---- headers

  private void collectHeaders() throws IOException {
    List<FoundSegment> foreign = new ArrayList<>();
    LogId ours = commonLogId(found.values());
    for (FoundSegment segment : found.values()) {
      SegmentHeader header = segment.header();
      if (header == null) {
        continue;
      }
      if (header.number() == segment.number() && header.logId().equals(ours)) {
        headers.put(segment.number(), header);
      } else {
        foreign.add(segment);
      }
    }
    if (foreign.isEmpty()) {
      return;
    }
    int lowWater = headers.values().stream().mapToInt(SegmentHeader::lowWater).max().orElse(0);
    GapCover accepted = new GapCover(collectGaps());
    for (FoundSegment segment : foreign) {
      if (showsOldBlock(segment, ours)) {
        found.put(segment.number(), segment.withoutHeader());
      } else if (segment.number() < lowWater || accepted.contains(segment.number())) {
        found.remove(segment.number());
      } else {
        throw mixed(segment, ours);
      }
    }
  }

  /**
   * A file that had grown when the power was cut may show blocks of one that was removed, or whose
   * name was lost. So the header of a segment of ours that is not there, or not with that header,
   * tells of no copy: the file's own is unreadable.
   */
  private boolean showsOldBlock(FoundSegment segment, @Nullable LogId ours) {
    SegmentHeader shown = segment.header();
    if (headers.isEmpty() || shown == null || !shown.logId().equals(ours)) {
      return false;
    }
    return !shown.equals(headers.get(shown.number()));
  }

  /** The log that most of the segments are of; of the first of them, if as many are of another. */
  static @Nullable LogId commonLogId(Collection<FoundSegment> segments) {
    Map<LogId, Integer> counts = new HashMap<>();
    LogId common = null;
    for (FoundSegment segment : segments) {
      SegmentHeader header = segment.header();
      if (header != null) {
        int count = counts.merge(header.logId(), 1, Integer::sum);
        if (common == null || count > counts.getOrDefault(common, 0)) {
          common = header.logId();
        }
      }
    }
    return common;
  }

  /**
   * A file of another log, or under a wrong name, is left alone only if its number is done with.
   */
  private CorruptLogException mixed(FoundSegment segment, @Nullable LogId ours) {
    SegmentHeader wrong = segment.header();
    assert wrong != null : "only headers can be foreign";
    boolean misnamed = wrong.number() != segment.number();
    return refusal(
        segment.path(),
        0,
        misnamed ? "the header of segment " + segment.number() : "a segment of log " + ours,
        misnamed
            ? "the header of segment " + wrong.number() + ": mixed history"
            : "one of log " + wrong.logId() + ": mixed history",
        -1,
        -1);
  }

  /** Without any header a log can only have crashed while its first file was made. */
  private void requireNothingBehindHeaders() throws IOException {
    for (FoundSegment segment : found.values()) {
      if (segment.endOfData(Format.HEADER_BYTES) > Format.HEADER_BYTES) {
        throw refusal(segment.path(), 0, "a segment header", "none, before written bytes", -1, -1);
      }
    }
  }

  /**
   * A header that another life of the log left behind counts as unreadable. It is told by its
   * predecessor, where that file is present.
   */
  private void dropStaleHeaders() throws IOException {
    List<Integer> candidates = new ArrayList<>(headers.keySet());
    for (int number : candidates.subList(1, candidates.size())) {
      SegmentHeader header = headers.get(number);
      if (header != null && isStale(header)) {
        headers.remove(number);
      }
    }
  }

  private boolean isStale(SegmentHeader header) throws IOException {
    Predecessor facts = header.predecessor();
    if (facts == null) {
      return false;
    }
    SegmentHeader before = headers.get(facts.number());
    if (before != null && before.epoch() != facts.epoch()) {
      return true;
    }
    if (header.commit()) {
      return false;
    }
    return skipsAuthentic(header, facts) || (before != null && goesOnBehind(facts));
  }

  private boolean skipsAuthentic(SegmentHeader header, Predecessor facts) {
    GapCover own = new GapCover(header.gaps());
    Integer between = headers.higherKey(facts.number());
    while (between != null && between < header.number()) {
      if (!own.contains(between)) {
        return true;
      }
      between = headers.higherKey(own.lastFrom(between));
    }
    return false;
  }

  /** A footer that says what the header says spares the scan. */
  private boolean goesOnBehind(Predecessor facts) throws IOException {
    FoundSegment before = segment(facts.number());
    FooterSummary footer = before.footer();
    return (footer == null || !footer.agreesWith(facts))
        && before.scan().end() > facts.validBytes();
  }

  private Set<Gap> collectGaps() {
    Set<Gap> all = new HashSet<>();
    for (SegmentHeader header : headers.values()) {
      all.addAll(header.gaps());
    }
    return all;
  }

  private boolean inGap(int number) {
    return gapCover.contains(number);
  }

  // ---- the chain

  /**
   * A place in the chain of segments.
   *
   * @param header null if the file is missing, unreadable or of another life
   */
  private record Node(int number, @Nullable SegmentHeader header) {}

  /** The chain of predecessors that ends in the newest header, oldest first. */
  private List<Node> chainTo(int newest) {
    List<Node> chain = new ArrayList<>();
    SegmentHeader current = header(newest);
    chain.add(new Node(newest, current));
    while (current != null && current.predecessor() != null) {
      current = stepBack(chain, current.predecessor());
    }
    Collections.reverse(chain);
    return chain;
  }

  private @Nullable SegmentHeader stepBack(List<Node> chain, Predecessor facts) {
    int number = facts.number();
    if (inGap(number)) {
      return stepTo(chain, number);
    }
    SegmentHeader before = headers.get(number);
    if (before != null && before.epoch() == facts.epoch()) {
      chain.add(new Node(number, before));
      return before;
    }
    chain.add(new Node(number, null));
    return before != null ? null : stepTo(chain, number);
  }

  /** Goes on with the newest segment below a number that is missing. */
  private @Nullable SegmentHeader stepTo(List<Node> chain, int below) {
    for (Map.Entry<Integer, SegmentHeader> lower :
        headers.headMap(below, false).descendingMap().entrySet()) {
      if (!inGap(lower.getKey())) {
        chain.add(new Node(lower.getKey(), lower.getValue()));
        return lower.getValue();
      }
    }
    return null;
  }

  private List<FoundSegment> writtenBehind(int newest) throws IOException {
    List<FoundSegment> written = new ArrayList<>();
    for (FoundSegment segment : found.tailMap(newest, false).values()) {
      if (!segment.isUnborn()) {
        written.add(segment);
      }
    }
    return written;
  }

  // ---- D and low-water

  /**
   * A statement of the oldest segment kept.
   *
   * @param number the oldest segment
   * @param sequence the statement counts if this sequence is kept
   * @param carrier and this segment
   */
  private record LowWater(int number, long sequence, int carrier) {}

  private final Set<LowWater> lowWaters = new HashSet<>();

  private void gatherDurable(List<Node> chain) throws IOException {
    for (Node node : chain) {
      if (node.header() != null) {
        gatherSaid(node.number(), node.header());
      }
    }
    for (Node node : chain) {
      if (node.header() != null && !mayTrustFooter(segment(node.number()))) {
        gatherScanned(node.number(), node.header());
      }
    }
  }

  private void gatherSaid(int number, SegmentHeader header) {
    durable = Math.max(durable, header.durableThrough());
    lowWaters.add(new LowWater(header.lowWater(), header.firstSequence() - 1, number));
    FooterSummary footer = segment(number).footer();
    if (footer != null) {
      durable = Math.max(durable, footer.durableThrough());
      lowWaters.add(new LowWater(footer.lowWater(), footer.lastSequence(), number));
    }
  }

  private void gatherScanned(int number, SegmentHeader header) throws IOException {
    SegmentScan scan = segment(number).scan();
    for (SegmentScan.Batch batch : scan.batches()) {
      durable = Math.max(durable, batch.header().durableThrough());
    }
    RecordList records = scan.records();
    int truncations = 0;
    for (int i = 0; truncations < records.truncations(); i++) {
      if (records.type(i) == Format.TYPE_TRUNCATE_BEFORE) {
        lowWaters.add(
            new LowWater(records.oldestSegment(truncations++), header.firstSequence() + i, number));
      }
    }
  }

  private boolean mayTrustFooter(FoundSegment segment) {
    return segment.footer() != null && segment.footer().lastSequence() <= durable;
  }

  // ---- the walk

  /**
   * Where the log stops being readable.
   *
   * @param number the segment
   * @param offset the offset in it
   */
  private record Hole(int number, int offset) {}

  /** What a walk along the chain keeps. */
  private static final class Walk {
    final int lowWater;
    final List<KeptSegment> kept = new ArrayList<>();
    final LogState state;
    @Nullable Hole hole;
    long durable;

    Walk(int lowWater, LogState state, long durable) {
      this.lowWater = lowWater;
      this.state = state;
      this.durable = durable;
    }

    @Nullable KeptSegment lastOrNull() {
      return kept.isEmpty() ? null : kept.get(kept.size() - 1);
    }

    KeptSegment last() {
      return kept.get(kept.size() - 1);
    }
  }

  /** Walks from the largest low-water mark that is itself kept. */
  private Walk walkFromLowWater(List<Node> chain) throws IOException {
    List<LowWater> largestFirst = new ArrayList<>(lowWaters);
    largestFirst.sort(
        Comparator.comparingInt(LowWater::number).reversed().thenComparingLong(LowWater::sequence));
    Reach reach = new Reach(chain);
    for (LowWater statement : largestFirst) {
      if (reach.keeps(statement)) {
        return walk(statement.number(), chain, reach.startOf(statement.number()));
      }
    }
    int smallest = largestFirst.get(largestFirst.size() - 1).number();
    int start = reach.startOf(smallest);
    if (start < 0) {
      throw missingStart(smallest, chain);
    }
    return walk(smallest, chain, start);
  }

  /**
   * What walks along the chain would keep, wherever they begin. Each place is looked at once: there
   * may be as many statements of the oldest segment as there are segments, and a walk for each
   * would take the square of that.
   */
  private final class Reach {
    private final List<Node> chain;
    private final Map<Integer, Integer> places = new HashMap<>();
    private final Map<Integer, Predecessor> ends = new HashMap<>();

    /** By place: the first place behind it that a walk does not keep; 0 if that is not known. */
    private final int[] holes;

    Reach(List<Node> chain) {
      this.chain = chain;
      this.holes = new int[chain.size()];
      for (int i = 0; i < chain.size(); i++) {
        places.put(chain.get(i).number(), i);
      }
    }

    /** The place at which a walk from the oldest segment kept begins, or -1 if there is none. */
    int startOf(int lowWater) {
      int start = firstPlaceFrom(lowWater);
      boolean starts =
          start < chain.size() && (chain.get(start).number() == lowWater || inGap(lowWater));
      return starts && chain.get(start).header() != null ? start : -1;
    }

    private int firstPlaceFrom(int number) {
      int from = 0;
      int to = chain.size();
      while (from < to) {
        int middle = (from + to) >>> 1;
        if (chain.get(middle).number() < number) {
          from = middle + 1;
        } else {
          to = middle;
        }
      }
      return from;
    }

    /** Whether a walk from the segment that the statement names keeps the statement itself. */
    boolean keeps(LowWater statement) throws IOException {
      int start = startOf(statement.number());
      Integer carrier = places.get(statement.carrier());
      return start >= 0
          && carrier != null
          && start <= carrier
          && carrier < holeBehind(start)
          && statement.sequence() <= end(carrier).lastSequence();
    }

    private int holeBehind(int start) throws IOException {
      int place = start;
      while (holes[place] == 0 && follows(place + 1)) {
        place++;
      }
      int hole = holes[place] == 0 ? place + 1 : holes[place];
      for (int i = start; i <= place; i++) {
        holes[i] = hole;
      }
      return hole;
    }

    /** Whether a walk that has come to the place before goes on here; false behind the last. */
    private boolean follows(int place) throws IOException {
      SegmentHeader header = place < chain.size() ? chain.get(place).header() : null;
      if (header == null) {
        return false;
      }
      Predecessor facts = header.predecessor();
      return facts == null
          || facts.number() != chain.get(place - 1).number()
          || facts.equals(end(place - 1));
    }

    /** Where a walk ends a segment. */
    private Predecessor end(int place) throws IOException {
      Node node = chain.get(place);
      Predecessor known = ends.get(place);
      if (known == null && node.header() != null) {
        known = naturalEnd(node.header(), linked(chain, place));
        ends.put(place, known);
      }
      assert known != null : "walks keep no segment without a header";
      return known;
    }
  }

  private CorruptLogException missingStart(int lowWater, List<Node> chain) {
    FoundSegment there = found.get(lowWater);
    long firstKnown = chain.get(chain.size() - 1).number();
    return refusal(
        files.path(lowWater),
        0,
        "the oldest segment kept",
        there == null
            ? "no file; the newest segment is " + firstKnown
            : "a header that is unreadable or of another life",
        -1,
        -1);
  }

  private Walk walk(int lowWater, List<Node> chain, int start) throws IOException {
    SegmentHeader first = header(chain.get(start).number());
    LogState state = new LogState(newSegment(first), first.bounds(), lowWater);
    Walk walk = new Walk(lowWater, state, durable);
    for (int i = start; i < chain.size() && walk.hole == null; i++) {
      visit(walk, chain.get(i), linked(chain, i));
    }
    return walk;
  }

  /** The next header in the chain, if it speaks of the segment at this place. */
  private static @Nullable SegmentHeader linked(List<Node> chain, int place) {
    SegmentHeader next = place + 1 < chain.size() ? chain.get(place + 1).header() : null;
    Predecessor facts = next == null ? null : next.predecessor();
    return facts != null && facts.number() == chain.get(place).number() ? next : null;
  }

  private Segment newSegment(SegmentHeader header) {
    return new Segment(header, files);
  }

  private void visit(Walk walk, Node node, @Nullable SegmentHeader linked) throws IOException {
    SegmentHeader header = node.header();
    if (header == null) {
      walk.hole = new Hole(node.number(), 0);
      return;
    }
    KeptSegment before = walk.lastOrNull();
    Predecessor facts = header.predecessor();
    boolean follows = before != null && facts != null && facts.number() == before.number();
    if (before != null && facts != null && follows && !facts.equals(before.facts())) {
      walk.hole = new Hole(before.number(), before.end());
      return;
    }
    if (before != null) {
      enter(walk.state, before, header);
      if (!follows || inGap(header.number() - 1)) {
        walk.state.bounds(header.bounds());
      }
    }
    keep(walk, header, linked);
  }

  /** The segment before is sealed, this one becomes the tail. */
  private void enter(LogState state, KeptSegment before, SegmentHeader header) {
    if (before.scan() != null) {
      state.sealTail(before.end());
    }
    state.startTail(newSegment(header));
  }

  private void keep(Walk walk, SegmentHeader header, @Nullable SegmentHeader next)
      throws IOException {
    FoundSegment segment = segment(header.number());
    if (trustedFooter(segment, header, next) != null) {
      keepFromFooter(walk, segment, header);
    } else {
      keepFromScan(walk, segment, header, next);
    }
  }

  private @Nullable FooterSummary trustedFooter(
      FoundSegment segment, SegmentHeader header, @Nullable SegmentHeader next) throws IOException {
    FooterSummary footer = footerThatAgrees(segment, header, next);
    return footer != null && footer.lastSequence() <= durable ? footer : null;
  }

  /** Where {@link #keep} ends a segment. */
  private Predecessor naturalEnd(SegmentHeader header, @Nullable SegmentHeader next)
      throws IOException {
    FoundSegment segment = segment(header.number());
    FooterSummary footer = trustedFooter(segment, header, next);
    if (footer != null) {
      return new Predecessor(
          header.number(),
          header.epoch(),
          footer.validBytes(),
          footer.lastSequence(),
          footer.lastBatchCrc());
    }
    SegmentScan scan = keptScan(segment, header, next);
    return new Predecessor(
        header.number(), header.epoch(), scan.end(), scan.lastSequence(), scan.lastBatchCrc());
  }

  /** Behind what a commit header says of its predecessor there is nothing. */
  private static SegmentScan keptScan(
      FoundSegment segment, SegmentHeader header, @Nullable SegmentHeader next) throws IOException {
    SegmentScan scan = segment.scan();
    return next != null && next.commit() && next.predecessor() != null
        ? scan.before(next.predecessor().validBytes(), header)
        : scan;
  }

  /** A footer of a lost life contradicts the successor's facts or the batch before it. */
  private @Nullable FooterSummary footerThatAgrees(
      FoundSegment segment, SegmentHeader header, @Nullable SegmentHeader next) throws IOException {
    FooterSummary footer = segment.footer();
    if (footer == null || !footer.agreesWith(header)) {
      return null;
    }
    Predecessor facts = next == null ? null : next.predecessor();
    boolean agrees = facts != null ? footer.agreesWith(facts) : segment.endsAsFooterSays();
    return agrees ? footer : null;
  }

  private void keepFromFooter(Walk walk, FoundSegment segment, SegmentHeader header)
      throws IOException {
    FooterSummary footer = segment.footerWithEffects(walk.state.tail());
    if (fullCheck) {
      requireBodies(segment, footer);
    }
    walk.state.sealTail(footer);
    walk.kept.add(
        new KeptSegment(
            segment,
            header,
            footer.validBytes(),
            footer.lastSequence(),
            footer.lastBatchCrc(),
            footer,
            null,
            null));
  }

  /** With a full check, what a footer says is read too; of one segment at a time. */
  private void requireBodies(FoundSegment segment, FooterSummary footer) throws IOException {
    SegmentScan scan = segment.scan();
    segment.forgetScan();
    if (scan.end() < footer.validBytes()) {
      throw refusal(
          segment.path(),
          scan.end(),
          "batches up to offset " + footer.validBytes(),
          "a batch that is damaged or does not follow",
          footer.firstIndex(),
          footer.lastIndex());
    }
  }

  private void keepFromScan(
      Walk walk, FoundSegment segment, SegmentHeader header, @Nullable SegmentHeader next)
      throws IOException {
    SegmentScan scan = keptScan(segment, header, next);
    int lowWater = scan.lowWater(header.lowWater());
    for (SegmentScan.Batch batch : scan.batches()) {
      walk.durable = Math.max(walk.durable, batch.header().durableThrough());
    }
    walk.state.apply(scan, header.firstSequence());
    walk.kept.add(
        new KeptSegment(
            segment,
            header,
            scan.end(),
            scan.lastSequence(),
            scan.lastBatchCrc(),
            null,
            scan,
            content(walk.state, header, scan, lowWater)));
  }

  private static FooterContent content(
      LogState state, SegmentHeader header, SegmentScan scan, int lowWater) {
    List<SegmentScan.Batch> batches = scan.batches();
    return new FooterContent(
        header.number(),
        header.epoch(),
        scan.end(),
        batches.isEmpty() ? 0 : batches.get(batches.size() - 1).offset(),
        scan.lastSequence(),
        scan.lastBatchCrc(),
        state.tailEntries(),
        state.effects(),
        state.tailEntriesWritten(),
        state.bounds(),
        lowWater);
  }

  // ---- torn or corrupt

  private boolean hasDataBehind(KeptSegment last) throws IOException {
    return last.scan() != null && last.found().endOfData(last.end()) > last.end();
  }

  private void requireTorn(
      Walk walk, List<Node> chain, Collection<FoundSegment> beyond, boolean endsInside)
      throws IOException {
    KeptSegment last = walk.last();
    if (endsInside) {
      lookBehind(last.found(), last.header().epoch(), last.end());
    }
    if (walk.hole != null) {
      lookBehindHole(walk.hole, last, chain);
    }
    for (FoundSegment segment : beyond) {
      lookBehind(segment, header(headers.lastKey()).successorEpoch(), Format.HEADER_BYTES);
    }
    if (last.lastSequence() < durable) {
      throw corrupt(walk, beyond);
    }
  }

  private void lookBehindHole(Hole hole, KeptSegment last, List<Node> chain) throws IOException {
    SegmentHeader header = headers.get(hole.number());
    FoundSegment segment = found.get(hole.number());
    if (header != null) {
      lookBehind(segment(hole.number()), header.epoch(), hole.offset());
    } else if (segment != null) {
      lookBehind(segment, last.header().successorEpoch(), Format.HEADER_BYTES);
    }
    for (Node node : chain) {
      if (node.number() > hole.number() && node.header() != null) {
        lookBehind(segment(node.number()), node.header().epoch(), Format.HEADER_BYTES);
      }
    }
  }

  private void lookBehind(FoundSegment segment, long epoch, long from) throws IOException {
    durable = Math.max(durable, segment.evidenceBehind(from, epoch).durableThrough());
  }

  private CorruptLogException corrupt(Walk walk, Collection<FoundSegment> beyond) {
    KeptSegment last = walk.last();
    long firstLost = walk.state.last() + 1;
    String expected =
        "sequence " + (last.lastSequence() + 1) + ", durable through sequence " + durable;
    Hole hole = walk.hole;
    Path file = last.found().path();
    long offset = last.end();
    String what = "no batch that follows";
    if (hole != null) {
      file = files.path(hole.number());
      offset = hole.offset();
      FoundSegment there = found.get(hole.number());
      if (there == null) {
        what = "no file";
      } else if (!headers.containsKey(hole.number())) {
        what = "no readable header";
      }
    } else if (!beyond.isEmpty()) {
      FoundSegment first = beyond.iterator().next();
      file = first.path();
      offset = 0;
      what = "no readable header";
    }
    return refusal(file, offset, expected, what, firstLost, lastKnownIndex(firstLost));
  }

  /** The largest index that anything authentic speaks of, or -1 if that is none of the lost. */
  private long lastKnownIndex(long firstLost) {
    long last = -1;
    for (SegmentHeader header : headers.values()) {
      last = Math.max(last, header.bounds().last());
      FooterSummary footer = segment(header.number()).footer();
      if (footer != null) {
        last = Math.max(last, footer.bounds().last());
      }
    }
    return last >= firstLost ? last : -1;
  }

  private static CorruptLogException refusal(
      Path file, long offset, String expected, String foundThere, long firstIndex, long lastIndex) {
    return new CorruptLogException(
        "open", file, offset, expected, foundThere, firstIndex, lastIndex);
  }

  // ---- the result

  private Recovered result(Walk walk, Collection<FoundSegment> beyond, boolean endsInside) {
    int last = walk.last().number();
    boolean headersFollow = !headers.tailMap(last, false).isEmpty();
    boolean behind = headersFollow || !beyond.isEmpty() || walk.hole != null;
    Set<Integer> kept = new TreeSet<>();
    walk.kept.forEach(k -> kept.add(k.number()));
    List<FoundSegment> dead =
        found.values().stream().filter(f -> !kept.contains(f.number())).toList();
    List<Gap> stillOpen =
        gaps.stream()
            .filter(g -> g.lastSegment() >= walk.lowWater)
            .sorted(Comparator.comparingInt(Gap::firstSegment))
            .toList();
    return new Recovered(
        walk.state,
        walk.kept,
        durable,
        stillOpen,
        endsInside && !behind,
        behind,
        dead,
        found.lastKey());
  }

  private FoundSegment segment(int number) {
    FoundSegment segment = found.get(number);
    assert segment != null : "a header was read from it";
    return segment;
  }

  private SegmentHeader header(int number) {
    SegmentHeader header = headers.get(number);
    assert header != null : "asked for headers that are there";
    return header;
  }
}
