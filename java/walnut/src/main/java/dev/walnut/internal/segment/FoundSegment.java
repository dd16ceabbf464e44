package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A segment file as opening finds it. What is read of it is kept, its file is not: however many
 * there are, one is open at a time.
 */
final class FoundSegment {
  private final SegmentFiles files;
  private final Memory memory;
  private final int number;
  private final long fileBytes;
  private final @Nullable SegmentHeader header;
  private final @Nullable FooterSummary footer;
  private @Nullable SegmentScan scan;
  private @Nullable Boolean endsAsFooterSays;
  private long bytesScanned;

  private FoundSegment(
      SegmentFiles files,
      Memory memory,
      int number,
      long fileBytes,
      @Nullable SegmentHeader header,
      @Nullable FooterSummary footer) {
    this.files = files;
    this.memory = memory;
    this.number = number;
    this.fileBytes = fileBytes;
    this.header = header;
    this.footer = footer;
  }

  /** Reads header and footer. */
  static FoundSegment read(SegmentFiles files, Memory memory, int number) throws IOException {
    Path path = files.path(number);
    try (DiskFile file = files.directory().openRead(files.name(number))) {
      long bytes = file.size();
      FileWindow window =
          new FileWindow(file::read, file.name(), bytes, memory, Format.HEADER_BYTES);
      SegmentHeader header = HeaderReader.read(window, path);
      FooterSummary footer =
          header == null
              ? null
              : new FooterReader(window, header.number(), header.epoch()).readSummary(path);
      return new FoundSegment(files, memory, number, bytes, header, footer);
    }
  }

  /** The same file, whose header is not its own. */
  FoundSegment withoutHeader() {
    return new FoundSegment(files, memory, number, fileBytes, null, null);
  }

  int number() {
    return number;
  }

  Path path() {
    return files.path(number);
  }

  long fileBytes() {
    return fileBytes;
  }

  /** The header, if the block at the file's start is an authentic one; whatever it says. */
  @Nullable SegmentHeader header() {
    return header;
  }

  /** The footer's summary, if authentic. */
  @Nullable FooterSummary footer() {
    return footer;
  }

  /** Bytes read batch by batch. */
  long bytesScanned() {
    return bytesScanned;
  }

  /** The whole, chained batches from the segment's start. */
  SegmentScan scan() throws IOException {
    SegmentScan found = scan;
    SegmentHeader known = header;
    if (found == null) {
      assert known != null : "only a segment with a header can be scanned";
      found = withWindow(w -> scanner(w, known.epoch()).scan(known));
      scan = found;
      bytesScanned += found.end();
    }
    return found;
  }

  /** Lets go of what was scanned: it takes memory for every record. */
  void forgetScan() {
    scan = null;
  }

  /** What anything authentic at or behind {@code from} says. */
  SegmentScanner.Evidence evidenceBehind(long from, long epoch) throws IOException {
    return withWindow(
        window -> {
          SegmentScanner.Evidence evidence = scanner(window, epoch).evidenceBehind(from);
          FooterSummary last = new FooterReader(window, number, epoch).readSummary(path());
          return last == null ? evidence : evidence.and(last.durableThrough(), 0);
        });
  }

  /** Whether the batch that the footer calls the last is there. */
  boolean endsAsFooterSays() throws IOException {
    Boolean ends = endsAsFooterSays;
    if (ends == null) {
      SegmentHeader known = header;
      FooterSummary last = footer;
      assert known != null && last != null : "asked of segments with a footer only";
      ends = withWindow(window -> scanner(window, known.epoch()).endsAsSaid(last));
      endsAsFooterSays = ends;
    }
    return ends;
  }

  /** Fills the footer's list of tombstones, making it again if it is damaged. */
  FooterSummary footerWithEffects(Segment segment) throws IOException {
    FooterSummary summary = footer;
    assert summary != null : "asked of segments with a footer only";
    if (summary.tombstones() == 0 || summary.effects().tombstones() > 0) {
      return summary;
    }
    return withWindow(
        window -> {
          FooterReader reader = new FooterReader(window, number, segment.epoch());
          return reader.readTombstones(summary)
              ? summary
              : summary.with(TableRebuilder.effects(files, segment, summary, window));
        });
  }

  /** Where the zeros that end the file begin; {@code from} if there is nothing but zeros. */
  long endOfData(long from) throws IOException {
    return from >= fileBytes ? from : withWindow(window -> window.endOfData(from));
  }

  /** Whether no byte was ever written, but zeros. */
  boolean isUnborn() throws IOException {
    return endOfData(0) == 0;
  }

  /** Whether what lies behind the last batch, up to {@code end}, is part of its footer. */
  boolean holdsPartOf(FooterRemains footer, long end) throws IOException {
    return withWindow(window -> footer.explain(window, end));
  }

  private SegmentScanner scanner(FileWindow window, long epoch) {
    return new SegmentScanner(window, path(), number, epoch);
  }

  private interface Look<T> {
    T at(FileWindow window) throws IOException;
  }

  private <T> T withWindow(Look<T> look) throws IOException {
    try (DiskFile file = files.directory().openRead(files.name(number))) {
      return look.at(new FileWindow(file::read, file.name(), fileBytes, memory, memory.capacity()));
    }
  }
}
