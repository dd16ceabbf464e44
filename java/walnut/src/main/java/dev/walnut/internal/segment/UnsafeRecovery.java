package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskLock;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** Gives up the segments that are corrupt, so that the rest of the log opens. */
public final class UnsafeRecovery {
  /*
   * A new tail whose header lists the gap is durable before any file goes, and what is kept was
   * written again before that. So a crash at any step leaves either the corrupt log or the one
   * without the corrupt segments.
   *
   * A segment is corrupt if something durable in it is wrong. One that is merely torn is kept, and
   * ends the log, as it would have without the corrupt ones; what lies behind it was never durable,
   * and the next opening removes it.
   *
   * If nothing is left, the new tail is all there is: the log is empty, and goes on behind the last
   * index, sequence and segment number that were ever seen.
   */
  private static final int MEMORY_BYTES = 1 << 20;

  private final StoreEnvironment environment;
  private final SegmentFiles files;
  private final Memory memory;
  private final NavigableMap<Integer, FoundSegment> found;
  private final TreeMap<Integer, SegmentHeader> headers = new TreeMap<>();
  private final Map<Integer, SegmentHeader> successors = new HashMap<>();
  private final Map<Integer, SegmentScan> scans = new TreeMap<>();

  /** Segments with an authentic batch that holds what is no record. */
  private final Set<Integer> undecodable = new HashSet<>();

  private int lowWater;

  /** The segment that ends the log because it is torn, if one is. */
  private @Nullable SegmentHeader torn;

  /** Nothing above it was durable. */
  private long durable;

  /** The largest sequence seen in anything authentic. */
  private long largest;

  private UnsafeRecovery(
      StoreEnvironment environment,
      SegmentFiles files,
      Memory memory,
      NavigableMap<Integer, FoundSegment> found) {
    this.environment = environment;
    this.files = files;
    this.memory = memory;
    this.found = found;
  }

  /**
   * Removes the corrupt segment files of a log; the entries in them are lost. A log that is intact,
   * or merely torn, is left as it is.
   *
   * @return the files removed, oldest first
   * @throws dev.walnut.exception.LogLockedException if the log is open
   * @throws CorruptLogException if segments of several logs are mixed, or more pieces would be left
   *     than the format can tell of; nothing was changed
   */
  public static List<Path> run(StoreEnvironment environment, Path dir, String prefix)
      throws IOException {
    SegmentNames names = new SegmentNames(prefix);
    try (DiskDirectory directory = environment.disk().openDirectory(dir);
        DiskLock lock = SegmentStore.lock(directory, names)) {
      assert lock.isIntact() : "held until the last file is removed";
      SegmentFiles files = new SegmentFiles(environment.disk(), directory, names, 1);
      try {
        return run(environment, files);
      } finally {
        files.close();
      }
    }
  }

  private static List<Path> run(StoreEnvironment environment, SegmentFiles files)
      throws IOException {
    Memory memory = environment.disk().allocate(MEMORY_BYTES);
    return isOpenable(files, StoreOpening.find(files, memory))
        ? List.of()
        : new UnsafeRecovery(environment, files, memory, StoreOpening.find(files, memory))
            .recover();
  }

  private static boolean isOpenable(SegmentFiles files, NavigableMap<Integer, FoundSegment> found)
      throws IOException {
    try {
      Recovery.decide(files, found, /* fullCheck= */ true);
      return true;
    } catch (CorruptLogException e) {
      return false; // that is what this is for
    }
  }

  private List<Path> recover() throws IOException {
    collectHeaders();
    collectSuccessors();
    for (SegmentHeader header : headers.values()) {
      gather(header);
    }
    gatherUnreadable();
    List<SegmentHeader> kept = kept();
    if (!headers.isEmpty()) {
      SegmentHeader tail = kept.isEmpty() ? emptyTail() : tailBehind(kept);
      requireGapsFit(tail);
      writeAgain(kept);
      Tail.create(files, environment, tail, memory).file.close();
    }
    return removeOthers(kept);
  }

  /** What is intact, up to the first that is torn. */
  private List<SegmentHeader> kept() throws IOException {
    List<SegmentHeader> kept = new ArrayList<>();
    for (SegmentHeader header : headers.tailMap(lowWater).values()) {
      if (isIntact(header)) {
        kept.add(header);
      } else if (isTorn(header)) {
        kept.add(header);
        torn = header;
        break;
      }
    }
    return kept;
  }

  // ---- what is there

  private void collectHeaders() throws CorruptLogException {
    LogId ours = Recovery.commonLogId(found.values());
    for (FoundSegment segment : found.values()) {
      SegmentHeader header = segment.header();
      if (header == null) {
        continue;
      }
      if (!header.logId().equals(ours)) {
        throw refusal(
            segment.path(),
            "a segment of log " + ours,
            "one of log " + header.logId() + ": take the other log's files away first");
      }
      if (header.number() == segment.number()) {
        headers.put(segment.number(), header);
      }
    }
    dropHeadersOfOtherLives();
    dropHeadersInGaps();
  }

  /** Opening calls them unreadable, so to keep one would be to leave a log that does not open. */
  private void dropHeadersOfOtherLives() {
    for (SegmentHeader header : List.copyOf(headers.values())) {
      Predecessor facts = header.predecessor();
      SegmentHeader before = facts == null ? null : headers.get(facts.number());
      if (facts != null && before != null && before.epoch() != facts.epoch()) {
        headers.remove(header.number());
      }
    }
  }

  /** A file in a gap that was accepted came back; opening passes it over. */
  private void dropHeadersInGaps() {
    List<Gap> gaps = headers.values().stream().flatMap(h -> h.gaps().stream()).toList();
    headers.keySet().removeIf(number -> gaps.stream().anyMatch(g -> g.contains(number)));
  }

  private static CorruptLogException refusal(Path file, String expected, String there) {
    return new CorruptLogException("unsafeRecover", file, 0, expected, there, -1, -1);
  }

  private void gather(SegmentHeader header) throws IOException {
    FoundSegment segment = segment(header);
    lowWater = Math.max(lowWater, header.lowWater());
    durable = Math.max(durable, header.durableThrough());
    FooterSummary footer = segment.footer();
    if (footer != null) {
      durable = Math.max(durable, footer.durableThrough());
      lowWater = Math.max(lowWater, footer.lowWater());
    }
    SegmentScan scan = scan(segment, header);
    scans.put(header.number(), scan);
    for (SegmentScan.Batch batch : scan.batches()) {
      durable = Math.max(durable, batch.header().durableThrough());
    }
    lowWater = scan.lowWater(lowWater);
    largest = Math.max(largest, scan.lastSequence());
    lookBehind(segment, header.epoch(), Format.HEADER_BYTES);
  }

  /** Only a commit header may end a segment before its natural end. */
  private SegmentScan scan(FoundSegment segment, SegmentHeader header) throws IOException {
    SegmentHeader next = successor(header);
    SegmentScan all = scanOrEmpty(segment, header);
    return next != null && next.commit() && next.predecessor() != null
        ? all.before(next.predecessor().validBytes(), header)
        : all;
  }

  private SegmentScan scanOrEmpty(FoundSegment segment, SegmentHeader header) throws IOException {
    try {
      return segment.scan();
    } catch (CorruptLogException e) {
      undecodable.add(header.number()); // it is given up, for the same reason
      return SegmentScan.empty(header);
    }
  }

  private void gatherUnreadable() throws IOException {
    for (FoundSegment segment : found.values()) {
      Map.Entry<Integer, SegmentHeader> before = headers.lowerEntry(segment.number());
      if (!headers.containsKey(segment.number()) && before != null) {
        lookBehind(segment, before.getValue().successorEpoch(), Format.HEADER_BYTES);
      }
    }
  }

  private void lookBehind(FoundSegment segment, long epoch, long from) throws IOException {
    SegmentScanner.Evidence evidence = segment.evidenceBehind(from, epoch);
    durable = Math.max(durable, evidence.durableThrough());
    largest = Math.max(largest, evidence.lastSequence());
  }

  /** Of those that name a segment as the one before them, the newest. */
  private void collectSuccessors() {
    for (SegmentHeader later : headers.values()) {
      Predecessor facts = later.predecessor();
      SegmentHeader header = facts == null ? null : headers.get(facts.number());
      if (facts != null && header != null && header.epoch() == facts.epoch()) {
        successors.put(header.number(), later);
      }
    }
  }

  private @Nullable SegmentHeader successor(SegmentHeader header) {
    return successors.get(header.number());
  }

  private boolean isIntact(SegmentHeader header) throws IOException {
    if (undecodable.contains(header.number())) {
      return false;
    }
    SegmentScan scan = scan(header);
    FooterSummary footer = segment(header).footer();
    SegmentHeader next = successor(header);
    Predecessor facts = next == null ? null : next.predecessor();
    if (facts != null) {
      return facts.equals(
          new Predecessor(
              header.number(),
              header.epoch(),
              scan.end(),
              scan.lastSequence(),
              scan.lastBatchCrc()));
    }
    if (header.number() == headers.lastKey()) {
      boolean reachesFooter = footer == null || footer.lastSequence() <= scan.lastSequence();
      return reachesFooter && (scan.lastSequence() >= durable || isWrittenBehind(header));
    }
    return footer == null
        || (footer.lastSequence() == scan.lastSequence() && footer.validBytes() == scan.end());
  }

  /** Whether the damage is above all that was durable, so that opening would end the log there. */
  private boolean isTorn(SegmentHeader header) {
    return scan(header).lastSequence() >= durable && !undecodable.contains(header.number());
  }

  private boolean isWrittenBehind(SegmentHeader header) throws IOException {
    for (FoundSegment later : found.tailMap(header.number(), false).values()) {
      if (!later.isUnborn()) {
        return true;
      }
    }
    return false;
  }

  // ---- what is made of it

  private void writeAgain(List<SegmentHeader> intact) throws IOException {
    for (SegmentHeader header : intact) {
      try (DiskFile file = files.directory().open(files.name(header.number()))) {
        Rewrite rewrite =
            new Rewrite(
                "unsafeRecover",
                files.path(header.number()),
                file,
                header,
                environment.disk(),
                memory);
        rewrite.header();
        rewrite.batches(scan(header).batches());
        file.sync();
      }
    }
    files.directory().sync();
  }

  private SegmentHeader tailBehind(List<SegmentHeader> intact) throws IOException {
    SegmentHeader last = intact.get(intact.size() - 1);
    SegmentScan scan = scan(last);
    IndexBounds bounds = LogState.replay(files, last, scan).bounds();
    long lastIndex =
        torn != null
            ? bounds.last()
            : Math.max(bounds.last(), lastIndexSaid(header(headers.lastKey())));
    return tail(
        last,
        new Predecessor(
            last.number(), last.epoch(), scan.end(), scan.lastSequence(), scan.lastBatchCrc()),
        lowWater,
        new IndexBounds(bounds.floor(), lastIndex),
        gaps(intact, nextNumber(), nextSequence()));
  }

  /** A tail that has nothing before it, and goes on from what can still be read of the newest. */
  private SegmentHeader emptyTail() throws IOException {
    SegmentHeader newest = header(headers.lastKey());
    IndexBounds bounds = LogState.replay(files, newest, scan(newest)).bounds();
    return tail(
        newest,
        null,
        nextNumber(),
        new IndexBounds(bounds.floor(), Math.max(bounds.last(), lastIndexSaid(newest))),
        List.of());
  }

  private SegmentHeader tail(
      SegmentHeader last,
      @Nullable Predecessor predecessor,
      int oldestKept,
      IndexBounds bounds,
      List<Gap> gaps)
      throws WalException {
    StoreOpening.requireSequencesLeft(nextSequence() - 1, segment(last).path(), scan(last).end());
    return new SegmentHeader(
        last.logId(),
        nextNumber(),
        last.successorEpoch(),
        environment.random().getAsLong(),
        true,
        environment.wallClockMillis().getAsLong(),
        nextSequence(),
        predecessor,
        oldestKept,
        nextSequence() - 1,
        bounds,
        gaps);
  }

  private int nextNumber() throws WalException {
    return files.numberAfter(found.lastKey());
  }

  private long nextSequence() {
    return Math.max(durable, largest) + 1;
  }

  private void requireGapsFit(SegmentHeader tail) throws CorruptLogException {
    if (tail.gaps().size() > Format.GAPS_MAX) {
      throw refusal(
          files.path(tail.gaps().get(Format.GAPS_MAX).firstSegment()),
          "at most " + Format.GAPS_MAX + " gaps in what is left",
          tail.gaps().size() + " gaps");
    }
  }

  /**
   * The last index is not taken back with the entries: what is left of the newest segment tells.
   */
  private long lastIndexSaid(SegmentHeader newest) throws IOException {
    FooterSummary footer = segment(newest).footer();
    return footer != null
        ? footer.bounds().last()
        : LogState.replay(files, newest, scan(newest)).bounds().last();
  }

  private List<Gap> gaps(List<SegmentHeader> intact, int tailNumber, long tailSequence) {
    Set<Gap> gaps = new HashSet<>();
    headers.values().forEach(h -> gaps.addAll(h.gaps()));
    GapCover known = new GapCover(gaps);
    SegmentHeader oldest = intact.get(0);
    if (oldest.number() > lowWater) {
      gaps.add(new Gap(lowWater, oldest.number() - 1, 0, oldest.firstSequence() - 1));
    }
    for (int i = 0; i < intact.size(); i++) {
      SegmentHeader next = i + 1 < intact.size() ? intact.get(i + 1) : null;
      int nextNumber = next == null ? tailNumber : next.number();
      Gap between =
          new Gap(
              intact.get(i).number() + 1,
              nextNumber - 1,
              scan(intact.get(i)).lastSequence() + 1,
              (next == null ? tailSequence : next.firstSequence()) - 1);
      if (isNew(between, next, intact.get(i), known)) {
        gaps.add(between);
      }
    }
    return gaps.stream()
        .filter(g -> g.lastSegment() >= lowWater)
        .sorted(Comparator.comparingInt(Gap::firstSegment))
        .toList();
  }

  private static boolean isNew(
      Gap between, @Nullable SegmentHeader next, SegmentHeader before, GapCover known) {
    boolean covered = known.containsAll(between.firstSegment(), between.lastSegment());
    boolean sequencesMissing = between.lastSequence() >= between.firstSequence();
    Predecessor facts = next == null ? null : next.predecessor();
    boolean unlinked = next != null && (facts == null || facts.number() != before.number());
    return !covered && (sequencesMissing || unlinked);
  }

  private List<Path> removeOthers(List<SegmentHeader> intact) throws IOException {
    Set<Integer> kept = new TreeSet<>();
    intact.forEach(h -> kept.add(h.number()));
    List<Path> removed = new ArrayList<>();
    for (FoundSegment segment : found.tailMap(lowWater, true).values()) {
      boolean decodable = !undecodable.contains(segment.number()); // else opening refuses it
      boolean behindTorn = torn != null && segment.number() > torn.number() && decodable;
      if (!kept.contains(segment.number()) && !behindTorn && !segment.isUnborn()) {
        removed.add(segment.path());
        files.directory().delete(files.name(segment.number()));
      }
    }
    files.directory().sync();
    return List.copyOf(removed);
  }

  private FoundSegment segment(SegmentHeader header) {
    FoundSegment segment = found.get(header.number());
    assert segment != null : "the header was read from it";
    return segment;
  }

  private SegmentScan scan(SegmentHeader header) {
    SegmentScan scan = scans.get(header.number());
    assert scan != null : "every segment with a header was scanned";
    return scan;
  }

  private SegmentHeader header(int number) {
    SegmentHeader header = headers.get(number);
    assert header != null : "asked for headers that are there";
    return header;
  }
}
