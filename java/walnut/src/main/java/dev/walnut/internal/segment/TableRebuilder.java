package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Makes a damaged offset table again, from the batches it speaks of. */
final class TableRebuilder {
  private TableRebuilder() {}

  /**
   * Scans a segment whose footer has an authentic summary and a damaged table.
   *
   * @throws CorruptLogException if the batches do not reach what the summary says, or hold other
   *     entries
   */
  static OffsetTable rebuild(
      SegmentFiles files, Segment segment, FooterSummary footer, FileWindow window)
      throws IOException {
    OffsetTable table = replay(files, segment, footer, window).tailEntries();
    if (!isAsSaid(table, footer)) {
      throw others(files.path(segment.number()), footer, table);
    }
    return table;
  }

  /** What was taken from the summary before the table was needed must hold for the table too. */
  private static boolean isAsSaid(OffsetTable table, FooterSummary footer) {
    int count = table.count();
    return count == footer.entries()
        && (count == 0
            || (table.indexAt(0) == footer.firstIndex()
                && table.indexAt(count - 1) == footer.lastIndex()));
  }

  private static CorruptLogException others(Path path, FooterSummary footer, OffsetTable table) {
    int count = table.count();
    return new CorruptLogException(
        "read index of",
        path,
        footer.summaryAt(),
        "a summary of its " + count + " entries",
        "one of " + footer.entries() + " from " + footer.firstIndex() + " to " + footer.lastIndex(),
        footer.firstIndex(),
        footer.lastIndex());
  }

  /** As {@link #rebuild}, for a damaged list of tombstoned indexes. */
  static Effects effects(
      SegmentFiles files, Segment segment, FooterSummary footer, FileWindow window)
      throws IOException {
    return replay(files, segment, footer, window).effects();
  }

  private static LogState replay(
      SegmentFiles files, Segment segment, FooterSummary footer, FileWindow window)
      throws IOException {
    Path path = files.path(segment.number());
    SegmentHeader header = HeaderReader.read(window, path);
    SegmentScan scan = header == null ? null : scan(segment, header, footer, window, path);
    if (header == null || scan == null || !reaches(scan, footer)) {
      throw tooShort(path, footer, scan);
    }
    return LogState.replay(files, header, scan);
  }

  private static SegmentScan scan(
      Segment segment, SegmentHeader header, FooterSummary footer, FileWindow window, Path path)
      throws IOException {
    SegmentScanner scanner = new SegmentScanner(window, path, segment.number(), segment.epoch());
    return scanner.scan(header).before(footer.validBytes(), header);
  }

  private static boolean reaches(SegmentScan scan, FooterSummary footer) {
    return scan.end() == footer.validBytes() && scan.lastSequence() == footer.lastSequence();
  }

  private static CorruptLogException tooShort(
      Path path, FooterSummary footer, @Nullable SegmentScan scan) {
    return new CorruptLogException(
        "read index of",
        path,
        scan == null ? 0 : scan.end(),
        "batches up to offset " + footer.validBytes() + ", as the footer says",
        scan == null ? "no header" : "no batch that follows",
        footer.firstIndex(),
        footer.lastIndex());
  }
}
