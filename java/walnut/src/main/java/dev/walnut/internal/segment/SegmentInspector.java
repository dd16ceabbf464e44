package dev.walnut.internal.segment;

import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.segment.InspectionListener.Check;
import dev.walnut.internal.segment.InspectionListener.FindingFacts;
import dev.walnut.internal.segment.InspectionListener.SegmentFacts;
import dev.walnut.internal.segment.InspectionListener.Verdict;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads every segment of a log as it lies there and tells what it sees, damage included. Takes no
 * lock and writes nothing; beside a writer, the batch being written shows as torn.
 */
public final class SegmentInspector {
  /*
   * What opening refuses and what it cuts off differ in one number: whether anything authentic in
   * the log vouches for the sequence where the damage starts. That is known only when all has been
   * read, so findings wait until then; everything else is told at once and forgotten.
   */

  /** More findings say no more than that the files are full of them. */
  static final int FINDINGS_MAX = 100_000;

  private final DiskDirectory directory;
  private final SegmentNames names;
  private final InspectionListener listener;
  private final Scratch scratch;
  private final List<FindingFacts> findings = new ArrayList<>();
  private final List<SegmentHeader> headers = new ArrayList<>();

  private long durableThrough;
  private int lowWater;

  /** The segment before, if its header is authentic; where its batches end; its last sequence. */
  private @Nullable SegmentHeader previous;

  private long previousEnd;
  private long lastSequence;

  private SegmentInspector(
      Disk disk, DiskDirectory directory, String prefix, InspectionListener listener) {
    this.directory = directory;
    this.names = new SegmentNames(prefix);
    this.listener = listener;
    this.scratch = new Scratch.Pool(disk).take();
  }

  /**
   * Inspects a log. Damage is reported, not thrown.
   *
   * @throws IOException if a file or the directory cannot be read
   */
  public static void inspect(
      StoreEnvironment environment, Path dir, String prefix, InspectionListener listener)
      throws IOException {
    try (DiskDirectory directory = environment.disk().openDirectory(dir)) {
      inspect(environment.disk(), directory, prefix, listener);
    }
  }

  /** The same, of a directory that is open. */
  static void inspect(
      Disk disk, DiskDirectory directory, String prefix, InspectionListener listener)
      throws IOException {
    new SegmentInspector(disk, directory, prefix, listener).inspect();
  }

  private void inspect() throws IOException {
    NavigableMap<Integer, Long> sizes = sizes();
    listener.begin(sizes.size(), sizes.values().stream().mapToLong(Long::longValue).sum());
    for (int number : sizes.keySet()) {
      inspect(number);
    }
    findMissing(sizes);
    findings.forEach(finding -> listener.finding(judged(finding)));
  }

  private NavigableMap<Integer, Long> sizes() throws IOException {
    NavigableMap<Integer, Long> sizes = new TreeMap<>();
    for (String name : directory.listFiles()) {
      int number = names.number(name);
      if (number >= 0) {
        try (DiskFile file = directory.openRead(name)) {
          sizes.put(number, file.size());
        } catch (NoSuchFileException e) {
          // removed by the log's owner since the directory was listed
        }
      }
    }
    return sizes;
  }

  private void inspect(int number) throws IOException {
    try (DiskFile file = directory.openRead(names.segment(number))) {
      FileWindow window =
          new FileWindow(file::read, file.name(), file.size(), scratch.memory, Scratch.BYTES);
      inspect(number, window);
    } catch (NoSuchFileException e) {
      // removed by the log's owner since the directory was listed
    }
  }

  private void inspect(int number, FileWindow window) throws IOException {
    Path path = path(number);
    try {
      inspect(number, path, window);
    } catch (EOFException e) {
      found(
          path, window.fileBytes(), 0, window.fileBytes() + " bytes", "a file that became shorter");
      previous = null;
    }
  }

  private void inspect(int number, Path path, FileWindow window) throws IOException {
    SegmentHeader header = header(number, path, window);
    SegmentHeader before = previous;
    long epoch = header != null ? header.epoch() : before != null ? before.successorEpoch() : 0;
    FooterSummary footer = footer(number, path, window, epoch);
    boolean unborn = header == null && window.endOfData(0) == 0;
    listener.segment(facts(number, path, window, header, footer, unborn));
    previous = header;
    if (unborn) {
      return;
    }
    if (header != null) {
      compare(header, before, path);
    } else {
      found(path, 0, before == null ? 0 : sequenceBehind(before), "a header block", "none");
    }
    BatchInspector batches =
        new BatchInspector(window, scratch, path, number, epoch, listener, findings);
    long limit = footer == null ? window.fileBytes() : footer.validBytes();
    batches.inspect(header, limit);
    durableThrough = Math.max(durableThrough, batches.durableThrough());
    lowWater = Math.max(lowWater, batches.lowWater());
    previousEnd = batches.end();
    lastSequence = batches.nextSequence() - 1;
    if (footer != null) {
      compare(footer, batches, path, window, epoch);
    }
  }

  /** The sequence that a segment behind this one should start with. */
  private long sequenceBehind(SegmentHeader before) {
    return Math.max(lastSequence + 1, before.firstSequence());
  }

  private @Nullable SegmentHeader header(int number, Path path, FileWindow window)
      throws IOException {
    SegmentHeader header;
    try {
      header = HeaderReader.read(window, path);
    } catch (UnsupportedFormatException e) {
      unsupported(path, 0, "a header of format " + Format.VERSION, e);
      return null;
    }
    if (header == null) {
      return null;
    }
    if (header.number() != number) {
      found(path, 32, 0, "segment number " + number, "number " + header.number());
      return null;
    }
    headers.add(header);
    durableThrough = Math.max(durableThrough, header.durableThrough());
    lowWater = Math.max(lowWater, header.lowWater());
    return header;
  }

  private @Nullable FooterSummary footer(int number, Path path, FileWindow window, long epoch)
      throws IOException {
    try {
      FooterSummary footer = new FooterReader(window, number, epoch).readSummary(path);
      if (footer != null) {
        durableThrough = Math.max(durableThrough, footer.durableThrough());
        lowWater = Math.max(lowWater, footer.lowWater());
      }
      return footer;
    } catch (UnsupportedFormatException e) {
      unsupported(path, window.fileBytes() - Format.SUMMARY_BYTES, "a footer of this version", e);
      return null;
    }
  }

  private static SegmentFacts facts(
      int number,
      Path path,
      FileWindow window,
      @Nullable SegmentHeader header,
      @Nullable FooterSummary footer,
      boolean unborn) {
    return new SegmentFacts(
        path,
        number,
        window.fileBytes(),
        header != null ? Check.OK : unborn ? Check.ABSENT : Check.DAMAGED,
        header != null && header.commit(),
        header == null ? 0 : header.createdMillis(),
        header == null ? 0 : header.firstSequence(),
        header == null ? 0 : header.lowWater(),
        header == null ? 0 : header.durableThrough(),
        footer == null ? Check.ABSENT : Check.OK,
        footer == null ? 0 : footer.entries(),
        footer == null ? 0 : footer.firstIndex(),
        footer == null ? 0 : footer.lastIndex());
  }

  /** Compares what a header says of its predecessor with what that holds. */
  private void compare(SegmentHeader header, @Nullable SegmentHeader before, Path path) {
    SegmentHeader first = headers.get(0);
    if (!header.logId().equals(first.logId())) {
      found(path, 16, 0, "a segment of log " + first.logId(), "one of log " + header.logId());
    }
    Predecessor facts = header.predecessor();
    if (before == null || facts == null || facts.number() != before.number()) {
      return;
    }
    if (facts.epoch() != before.epoch()) {
      found(
          path,
          80,
          header.firstSequence(),
          String.format("predecessor epoch %016x", before.epoch()),
          String.format("%016x", facts.epoch()));
    } else if (header.commit()) {
      killBehind(path(before.number()), facts.validBytes());
    } else if (facts.validBytes() != previousEnd) {
      found(
          path(before.number()),
          previousEnd,
          lastSequence + 1,
          "batches up to offset "
              + facts.validBytes()
              + ", as "
              + names.segment(header.number())
              + " says",
          "the last one's end");
    } else {
      callFooter(path(before.number()), facts.validBytes());
    }
  }

  /** What lies behind the last batch of a sealed segment can only be a damaged footer. */
  private void callFooter(Path file, long offset) {
    findings.replaceAll(
        finding ->
            finding.file().equals(file) && finding.offset() == offset
                ? footerFinding(file, offset, "a footer", finding.found())
                : finding);
  }

  /** Nothing depends on a footer: a crash may tear it at any time, and opening makes it again. */
  private static FindingFacts footerFinding(Path file, long offset, String expected, String found) {
    return new FindingFacts(file, offset, 0, expected, found, Verdict.TORN);
  }

  /** An earlier opening ended the log there: what lies behind is of no concern. */
  private void killBehind(Path file, long offset) {
    findings.replaceAll(
        finding ->
            finding.file().equals(file) && finding.offset() >= offset
                ? with(finding, Verdict.DEAD)
                : finding);
  }

  private void compare(
      FooterSummary footer, BatchInspector batches, Path path, FileWindow window, long epoch)
      throws IOException {
    if (batches.end() != footer.validBytes()) {
      return; // the hole itself has been reported
    }
    if (footer.lastSequence() != batches.nextSequence() - 1) {
      found(
          path,
          footer.summaryAt(),
          footer.lastSequence(),
          "a footer up to sequence " + (batches.nextSequence() - 1),
          "one up to " + footer.lastSequence());
    }
    FooterReader reader = new FooterReader(window, footer.number(), epoch);
    if (reader.readTable(footer) == null) {
      add(footerFinding(path, footer.validBytes(), "an offset table", "a wrong checksum"));
    }
    if (!reader.readTombstones(footer)) {
      add(footerFinding(path, footer.tombstonesAt(), "a list of tombstones", "a wrong checksum"));
    }
  }

  /** Segments that others speak of and that nothing excuses. */
  private void findMissing(NavigableMap<Integer, Long> sizes) {
    GapCover accepted =
        new GapCover(headers.stream().flatMap(any -> any.gaps().stream()).distinct().toList());
    for (SegmentHeader header : headers) {
      Predecessor facts = header.predecessor();
      if (facts != null
          && facts.number() >= lowWater
          && !sizes.containsKey(facts.number())
          && !accepted.contains(facts.number())) {
        found(
            path(facts.number()),
            0,
            facts.lastSequence(),
            "a file, as " + names.segment(header.number()) + " says",
            "none");
      }
    }
  }

  private Path path(int number) {
    return directory.path().resolve(names.segment(number));
  }

  private void found(Path file, long offset, long sequence, String expected, String found) {
    add(new FindingFacts(file, offset, sequence, expected, found, Verdict.CORRUPT));
  }

  private void add(FindingFacts finding) {
    if (findings.size() < FINDINGS_MAX) {
      findings.add(finding);
    }
    listener.suspect(finding);
  }

  private void unsupported(Path file, long offset, String expected, UnsupportedFormatException e) {
    add(
        new FindingFacts(
            file, offset, 0, expected, String.valueOf(e.getMessage()), Verdict.UNSUPPORTED));
  }

  private FindingFacts judged(FindingFacts finding) {
    boolean torn = finding.verdict() == Verdict.CORRUPT && finding.sequence() > durableThrough;
    return torn ? with(finding, Verdict.TORN) : finding;
  }

  private static FindingFacts with(FindingFacts finding, Verdict verdict) {
    return new FindingFacts(
        finding.file(),
        finding.offset(),
        finding.sequence(),
        finding.expected(),
        finding.found(),
        verdict);
  }
}
