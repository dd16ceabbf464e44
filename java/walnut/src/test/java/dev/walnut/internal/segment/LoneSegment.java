package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The readers of one segment on bytes in memory, without a file and without the log around it. */
final class LoneSegment {
  /** Less than most files, so that what is read twice is counted twice. */
  private static final Memory MEMORY = Disks.java().allocate(3 * 4096);

  private static final Path PATH = Path.of("segment");

  private final int number;
  private final byte[] content;
  private long bytesRead;

  LoneSegment(int number, byte[] content) {
    this.number = number;
    this.content = content;
  }

  long bytesRead() {
    return bytesRead;
  }

  private FileWindow window() {
    return new FileWindow(this::read, "segment", content.length, MEMORY, Format.HEADER_BYTES);
  }

  private int read(long offset, Memory target, int from, int length) {
    int count = (int) Math.min(length, content.length - offset);
    target.bytes().put(from, content, (int) offset, count);
    bytesRead += count;
    return count;
  }

  private @Nullable SegmentHeader header() throws IOException {
    return HeaderReader.read(window(), PATH);
  }

  private long epoch() throws IOException {
    SegmentHeader header = header();
    return header == null ? SegmentLayout.EPOCH : header.epoch();
  }

  void readFooter() throws IOException {
    FileWindow window = window();
    FooterReader reader = new FooterReader(window, number, epoch());
    FooterSummary footer = reader.readSummary(PATH);
    if (footer != null) {
      reader.readTable(footer);
      reader.readTombstones(footer);
      new SegmentScanner(window, PATH, number, epoch()).endsAsSaid(footer);
    }
  }

  void scan() throws IOException {
    SegmentHeader header = header();
    if (header != null) {
      new SegmentScanner(window(), PATH, number, header.epoch()).scan(header);
    }
  }

  void searchPastDamage() throws IOException {
    new SegmentScanner(window(), PATH, number, epoch()).evidenceBehind(Format.HEADER_BYTES);
  }
}
