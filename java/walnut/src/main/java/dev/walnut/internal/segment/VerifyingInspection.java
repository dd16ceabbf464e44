package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks what an inspection shows: every record, and every footer against the records it speaks of.
 * Tells which indexes a place may concern.
 */
final class VerifyingInspection implements InspectionListener {
  /*
   * Which entries lie in a damaged place, the ones around it tell: those behind the last intact one
   * before it and before the first intact one after it, as long as indexes follow one another. A
   * place that covers a batch is closed by the next batch, one that covers a record by the next
   * record.
   */
  private final SegmentFiles files;
  private final LogVerifier.Listener listener;
  private final Map<Place, DamageFacts> open = new LinkedHashMap<>();
  private final Map<Place, DamageFacts> ranges = new LinkedHashMap<>();
  private final List<Own> own = new ArrayList<>();
  private final Map<Place, Verdict> verdicts = new HashMap<>();
  private final List<DamageFacts> places = new ArrayList<>();

  private long fileBytes;
  private int segments;
  private long batches;
  private long entries;
  private long omitted;
  private long bytesBefore;
  private @Nullable SegmentFacts segment;
  private SegmentReplay replay = new SegmentReplay();
  private boolean whole;
  private boolean bodyDamaged;
  private long lastIndex;
  private boolean anyIndex;

  private long bodyAt;

  private record Place(Path file, long offset) {}

  /**
   * A place found here, and the body in which it lies, if that is damaged: they are judged alike.
   */
  private record Own(DamageFacts facts, @Nullable Place body) {}

  VerifyingInspection(SegmentFiles files, LogVerifier.Listener listener) {
    this.files = files;
    this.listener = listener;
  }

  int segments() {
    return segments;
  }

  long batches() {
    return batches;
  }

  long entries() {
    return entries;
  }

  /** Places that were more than are remembered. */
  long omitted() {
    return omitted;
  }

  List<DamageFacts> places() {
    return places;
  }

  @Override
  public boolean wantsContent() {
    return false;
  }

  @Override
  public void begin(int count, long bytes) {
    segments = count;
    fileBytes = bytes;
    listener.reached(0, bytes);
  }

  @Override
  public void segment(SegmentFacts next) {
    endSegment();
    segment = next;
    replay = new SegmentReplay();
    whole = next.header() == Check.OK;
    bodyDamaged = false;
  }

  @Override
  public void suspect(FindingFacts finding) {
    boolean current = segment != null && finding.file().equals(segment.file());
    if (current) {
      whole = false;
    }
    boolean missing = !current && finding.offset() == 0; // told when all has been read
    remember(
        new DamageFacts(
            finding.file(),
            finding.offset(),
            finding.expected(),
            finding.found(),
            finding.verdict(),
            anyIndex && !missing ? lastIndex + 1 : -1,
            -1));
  }

  private void remember(DamageFacts place) {
    listener.suspected(place);
    if (open.size() + ranges.size() < LogVerifier.PLACES_MAX) {
      open.put(new Place(place.file(), place.offset()), place);
    }
  }

  @Override
  public void batch(BatchFacts batch) {
    batches++;
    bodyDamaged = batch.check() != Check.OK;
    bodyAt = batch.offset() + Format.BATCH_HEADER_BYTES;
    // A log that is written to meanwhile may have more than was counted.
    listener.reached(Math.min(bytesBefore + batch.offset(), fileBytes), fileBytes);
  }

  @Override
  public void record(RecordFacts record) {
    if (record.check() != Check.OK) {
      whole = false;
      own(record);
      return;
    }
    replay.add(
        record.type(),
        record.index(),
        (int) record.offset(),
        (int) Math.min(record.oldestSegment(), Integer.MAX_VALUE));
    if (record.type() == Format.TYPE_ENTRY) {
      entries++;
      close(record.index());
      lastIndex = record.index();
      anyIndex = true;
    }
  }

  /** A record that is wrong, or not known, has a place of its own. */
  private void own(RecordFacts record) {
    boolean unknown = record.check() == Check.UNKNOWN;
    DamageFacts place =
        new DamageFacts(
            record.file(),
            record.offset(),
            unknown ? "a record of this version" : "a record with a right checksum",
            record.bytes()
                + (unknown ? " bytes of type " + record.type() : " bytes that it does not fit"),
            unknown && !bodyDamaged ? Verdict.UNSUPPORTED : Verdict.CORRUPT,
            anyIndex ? lastIndex + 1 : -1,
            -1);
    if (own.size() < LogVerifier.PLACES_MAX) {
      own.add(new Own(place, bodyDamaged ? new Place(record.file(), bodyAt) : null));
      remember(place);
    } else {
      omitted++;
    }
  }

  /** An intact entry ends what lies before it. */
  private void close(long index) {
    if (open.isEmpty() || bodyDamaged) {
      return;
    }
    open.forEach(
        (place, facts) ->
            ranges.put(
                place,
                0 <= facts.firstIndex() && facts.firstIndex() < index
                    ? facts.over(facts.firstIndex(), index - 1)
                    : facts.over(-1, -1)));
    open.clear();
  }

  @Override
  public void finding(FindingFacts finding) {
    Place place = new Place(finding.file(), finding.offset());
    DamageFacts range = ranges.getOrDefault(place, open.get(place));
    verdicts.put(place, finding.verdict());
    add(
        new DamageFacts(
            finding.file(),
            finding.offset(),
            finding.expected(),
            finding.found(),
            finding.verdict(),
            range == null ? -1 : range.firstIndex(),
            range == null ? -1 : range.lastIndex()));
  }

  private void add(DamageFacts place) {
    if (places.size() < LogVerifier.PLACES_MAX) {
      places.add(place);
    } else {
      omitted++;
    }
  }

  /** Ends the inspection. */
  void end() {
    endSegment();
    ranges.putAll(open);
    for (Own found : own) {
      DamageFacts facts = found.facts();
      Place place = new Place(facts.file(), facts.offset());
      if (verdicts.containsKey(place)) {
        continue; // the first record of a damaged body: told with the body
      }
      DamageFacts range = ranges.get(place);
      Verdict verdict = found.body() == null ? null : verdicts.get(found.body());
      DamageFacts judged = verdict == null ? facts : facts.as(verdict);
      add(range == null ? judged : judged.over(range.firstIndex(), range.lastIndex()));
    }
    listener.reached(fileBytes, fileBytes);
  }

  // ---- the footer

  private void endSegment() {
    SegmentFacts ended = segment;
    if (ended == null) {
      return;
    }
    bytesBefore += ended.fileBytes();
    segment = null;
    if (whole && ended.footer() == Check.OK) {
      try {
        compareFooter(ended);
      } catch (NoSuchFileException e) {
        // deleted by the log's owner since its records were read
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void compareFooter(SegmentFacts facts) throws IOException {
    Scratch scratch = files.scratches().take();
    try (DiskFile file = files.directory().openRead(files.name(facts.number()))) {
      FileWindow window =
          new FileWindow(file::read, file.name(), file.size(), scratch.memory, Scratch.BYTES);
      SegmentHeader header = HeaderReader.read(window, facts.file());
      FooterReader reader =
          header == null ? null : new FooterReader(window, header.number(), header.epoch());
      FooterSummary footer = reader == null ? null : reader.readSummary(facts.file());
      if (header != null && reader != null && footer != null) {
        compare(facts, header, footer, reader);
      }
    } finally {
      files.scratches().give(scratch);
    }
  }

  private void compare(
      SegmentFacts facts, SegmentHeader header, FooterSummary footer, FooterReader reader)
      throws IOException {
    SegmentReplay.Left left = replay.left();
    OffsetTable table = reader.readTable(footer);
    if (table == null || !reader.readTombstones(footer)) {
      return; // the inspection has told
    }
    if (!same(table, left.table())) {
      wrong(facts, footer.validBytes(), "the offset table of its records", "another");
    }
    if (!Arrays.equals(tombstones(footer.effects()), tombstones(left.effects()))) {
      wrong(facts, footer.tombstonesAt(), "the tombstones of its records", "others");
    }
    IndexBounds bounds = replay.bounds(header.bounds());
    boolean agrees =
        footer.entriesWritten() == replay.entriesWritten()
            && footer.bounds().equals(bounds)
            && footer.effects().truncateBefore() == left.effects().truncateBefore()
            && footer.effects().truncateAfter() == left.effects().truncateAfter()
            && footer.effects().reset() == left.effects().reset();
    if (!agrees) {
      wrong(facts, footer.summaryAt(), "a summary of its records", "one of others");
    }
  }

  private void wrong(SegmentFacts facts, long offset, String expected, String found) {
    DamageFacts place =
        new DamageFacts(facts.file(), offset, expected, found, Verdict.CORRUPT, -1, -1);
    listener.suspected(place);
    if (own.size() < LogVerifier.PLACES_MAX) {
      own.add(new Own(place, null));
    } else {
      omitted++;
    }
  }

  private static boolean same(OffsetTable one, OffsetTable other) {
    boolean same = one.count() == other.count();
    for (int i = 0; same && i < one.count(); i++) {
      same = one.indexAt(i) == other.indexAt(i) && one.offsetAt(i) == other.offsetAt(i);
    }
    return same;
  }

  private static long[] tombstones(Effects effects) {
    long[] indexes = new long[effects.tombstones()];
    for (int i = 0; i < indexes.length; i++) {
      indexes[i] = effects.tombstonedIndex(i);
    }
    Arrays.sort(indexes);
    return indexes;
  }
}
