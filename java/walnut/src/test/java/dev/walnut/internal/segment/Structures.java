package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Names the kinds of structure of the format that a log's files hold, each once. */
final class Structures implements InspectionListener {
  /** All there are in format 1. */
  static final List<String> ALL =
      List.of(
          "batch of many records",
          "batch of one record",
          "footer with consecutive indexes",
          "footer with low-water",
          "footer with no entries",
          "footer with reset",
          "footer with scattered indexes",
          "footer with tombstones of earlier segments",
          "footer with truncate-after",
          "footer with truncate-before",
          "header of a rotation",
          "header of a new log",
          "header that accepts a gap",
          "header with low-water",
          "joined record",
          "mark",
          "offset with tombstone flag",
          "record of type 1",
          "record of type 2",
          "record of type 3",
          "record of type 4",
          "record of type 5",
          "record of type 6");

  final Set<String> seen = new TreeSet<>();
  final List<FindingFacts> findings = new ArrayList<>();
  int newestLowWater;

  /** Looks at every segment of a log. */
  static Structures of(Path dir) throws IOException {
    Structures structures = new Structures();
    SegmentInspector.inspect(StoreEnvironments.javaOnly(), dir, "segment_", structures);
    return structures;
  }

  @Override
  public void begin(int segments, long fileBytes) {}

  @Override
  public void segment(SegmentFacts segment) {
    newestLowWater = segment.oldestKept();
    try {
      look(segment.file(), segment.number());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void look(Path file, int number) throws IOException {
    byte[] content = Files.readAllBytes(file);
    FileWindow window =
        new FileWindow(
            (offset, target, from, length) -> read(content, offset, target, from, length),
            file.toString(),
            content.length,
            Disks.java().allocate(Scratch.BYTES),
            Scratch.BYTES);
    SegmentHeader header = HeaderReader.read(window, file);
    see(header.predecessor() == null, "header of a new log");
    see(header.predecessor() != null && !header.commit(), "header of a rotation");
    see(header.commit() && !header.gaps().isEmpty(), "header that accepts a gap");
    see(header.lowWater() > 0, "header with low-water");
    FooterReader reader = new FooterReader(window, number, header.epoch());
    FooterSummary footer = reader.readSummary(file);
    look(footer, reader.readTable(footer));
  }

  private static int read(byte[] content, long offset, Memory target, int from, int length) {
    int count = (int) Math.min(length, content.length - offset);
    target.bytes().put(from, content, (int) offset, count);
    return count;
  }

  private void look(FooterSummary footer, OffsetTable table) {
    boolean scattered = footer.tableKind() == Format.TABLE_SCATTERED;
    see(scattered, "footer with scattered indexes");
    see(!scattered && table.count() > 0, "footer with consecutive indexes");
    see(table.count() == 0, "footer with no entries");
    see(footer.tombstones() > 0, "footer with tombstones of earlier segments");
    see(footer.effects().truncateBefore() != Effects.NONE, "footer with truncate-before");
    see(footer.effects().truncateAfter() != Effects.NONE, "footer with truncate-after");
    see(footer.effects().reset() != Effects.NONE, "footer with reset");
    see(footer.lowWater() > 0, "footer with low-water");
    for (int i = 0; i < table.count(); i++) {
      see((table.offsetAt(i) & Format.OFFSET_TOMBSTONED) != 0, "offset with tombstone flag");
    }
  }

  private void see(boolean there, String structure) {
    if (there) {
      seen.add(structure);
    }
  }

  @Override
  public void batch(BatchFacts batch) {
    see(batch.mark(), "mark");
    see(!batch.mark() && batch.records() == 1, "batch of one record");
    see(batch.records() > 1, "batch of many records");
  }

  @Override
  public void record(RecordFacts record) {
    see(record.check() == Check.OK, "record of type " + record.type());
    see(record.joined(), "joined record");
  }

  @Override
  public void finding(FindingFacts finding) {
    findings.add(finding);
  }
}
