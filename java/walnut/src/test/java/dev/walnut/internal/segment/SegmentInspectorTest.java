package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.segment.InspectionListener.BatchFacts;
import dev.walnut.internal.segment.InspectionListener.Check;
import dev.walnut.internal.segment.InspectionListener.FindingFacts;
import dev.walnut.internal.segment.InspectionListener.RecordFacts;
import dev.walnut.internal.segment.InspectionListener.SegmentFacts;
import dev.walnut.internal.segment.InspectionListener.Verdict;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inspects files laid out by hand from the format's own codecs, and files that a store left. */
class SegmentInspectorTest {
  @TempDir Path dir;

  private final Seen seen = new Seen();

  /** All that an inspection told. */
  private static final class Seen implements InspectionListener {
    final List<SegmentFacts> segments = new ArrayList<>();
    final List<BatchFacts> batches = new ArrayList<>();
    final List<RecordFacts> records = new ArrayList<>();
    final List<FindingFacts> findings = new ArrayList<>();
    int segmentsAnnounced;
    long bytesAnnounced;

    @Override
    public void begin(int segments, long fileBytes) {
      segmentsAnnounced = segments;
      bytesAnnounced = fileBytes;
    }

    @Override
    public void segment(SegmentFacts segment) {
      segments.add(segment);
    }

    @Override
    public void batch(BatchFacts batch) {
      batches.add(batch);
    }

    @Override
    public void record(RecordFacts record) {
      records.add(record);
    }

    @Override
    public void finding(FindingFacts finding) {
      findings.add(finding);
    }
  }

  private Path file() {
    return dir.resolve("segment_0");
  }

  private void inspect() throws IOException {
    Map<String, ByteBuffer> before = contents();

    SegmentInspector.inspect(StoreEnvironments.javaOnly(), dir, "segment_", seen);

    assertThat(contents()).as("files after an inspection").isEqualTo(before);
  }

  private Map<String, ByteBuffer> contents() throws IOException {
    Map<String, ByteBuffer> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), ByteBuffer.wrap(Files.readAllBytes(file)));
      }
    }
    return contents;
  }

  @Test
  void inspect_intactSegment_showsEveryBatchAndRecord() throws Exception {
    SegmentLayout layout = new SegmentLayout();
    int first = layout.batch(0, 7, 8);
    int second = layout.batch(2, 9);
    layout.write(file());

    inspect();

    assertThat(seen.segmentsAnnounced).isEqualTo(1);
    assertThat(seen.bytesAnnounced).isEqualTo(8 * 1024);
    assertThat(seen.segments)
        .singleElement()
        .satisfies(
            s -> {
              assertThat(s.header()).isEqualTo(Check.OK);
              assertThat(s.footer()).isEqualTo(Check.ABSENT);
              assertThat(s.firstSequence()).isEqualTo(1);
            });
    assertThat(seen.batches)
        .extracting(BatchFacts::offset)
        .containsExactly((long) first, (long) second);
    assertThat(seen.batches).allMatch(batch -> batch.chained() && batch.check() == Check.OK);
    assertThat(seen.records).extracting(RecordFacts::index).containsExactly(7L, 8L, 9L);
    assertThat(seen.records).extracting(RecordFacts::sequence).containsExactly(1L, 2L, 3L);
    assertThat(seen.records).allMatch(record -> record.key().equals("key"));
    assertThat(StandardCharsets.UTF_8.decode(seen.records.get(2).valueStart()).toString())
        .isEqualTo("value 9");
    assertThat(seen.findings).isEmpty();
  }

  @Test
  void inspect_damagedBodyThatWasDurable_isCorrupt() throws Exception {
    SegmentLayout layout = new SegmentLayout();
    int first = layout.batch(0, 1, 2);
    layout.batch(2, 3);
    layout.flip(first + Format.BATCH_HEADER_BYTES + 12);
    layout.write(file());

    inspect();

    assertThat(seen.findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.verdict()).isEqualTo(Verdict.CORRUPT);
              assertThat(finding.file()).isEqualTo(file());
              assertThat(finding.offset()).isEqualTo(first + Format.BATCH_HEADER_BYTES);
              assertThat(finding.sequence()).isEqualTo(1);
              assertThat(finding.expected()).startsWith("a body with checksum ");
            });
    assertThat(seen.records)
        .extracting(RecordFacts::check)
        .containsExactly(Check.DAMAGED, Check.OK, Check.OK);
  }

  @Test
  void inspect_damagedLastBatchThatNothingVouchesFor_isTorn() throws Exception {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    int last = layout.batch(2, 3);
    layout.flip(last + Format.BATCH_HEADER_BYTES + 12);
    layout.write(file());

    inspect();

    assertThat(seen.findings)
        .singleElement()
        .satisfies(finding -> assertThat(finding.verdict()).isEqualTo(Verdict.TORN));
  }

  @Test
  void inspect_damagedBatchHeader_goesOnBehindIt() throws Exception {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    int second = layout.batch(1, 2);
    int third = layout.batch(2, 3);
    layout.flip(second + 8);
    layout.write(file());

    inspect();

    assertThat(seen.findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.verdict()).isEqualTo(Verdict.CORRUPT);
              assertThat(finding.offset()).isEqualTo(second);
              assertThat(finding.sequence()).isEqualTo(2);
              assertThat(finding.found()).isEqualTo(third - second + " bytes that are none");
            });
    assertThat(seen.records).extracting(RecordFacts::sequence).containsExactly(1L, 3L);
  }

  @Test
  void inspect_damagedHeaderBlock_isReported() throws Exception {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    layout.flip(100);
    layout.write(file());

    inspect();

    assertThat(seen.segments)
        .singleElement()
        .satisfies(segment -> assertThat(segment.header()).isEqualTo(Check.DAMAGED));
    assertThat(seen.findings)
        .first()
        .satisfies(
            finding -> {
              assertThat(finding.offset()).isZero();
              assertThat(finding.expected()).isEqualTo("a header block");
            });
  }

  @Test
  void inspect_fileOfZeros_isUnborn() throws Exception {
    Files.write(file(), new byte[8192]);

    inspect();

    assertThat(seen.segments)
        .singleElement()
        .satisfies(segment -> assertThat(segment.header()).isEqualTo(Check.ABSENT));
    assertThat(seen.findings).isEmpty();
  }

  /** A store's own log of several sealed segments, closed. */
  private void writeLog() throws IOException {
    SegmentStore store =
        SegmentStore.open(StoreFixture.environment(Disks.java(), 1), StoreFixture.options(dir));
    for (int index = 1; index <= 100; index++) {
      if (!store.fits(1, 1100)) {
        store.rotate();
      }
      StoreFixture.add(store, index, "k" + index, new byte[1000]);
      store.commit(true);
    }
    StoreFixture.runChores(store);
    store.finish();
    store.close();
  }

  @Test
  void inspect_closedLog_findsNothingWrong() throws Exception {
    writeLog();

    inspect();

    assertThat(seen.segments).hasSizeGreaterThan(4);
    assertThat(seen.segments).allMatch(segment -> segment.footer() == Check.OK);
    assertThat(seen.findings).isEmpty();
    assertThat(seen.records.stream().filter(record -> record.type() == Format.TYPE_ENTRY))
        .extracting(RecordFacts::index)
        .hasSize(100)
        .isSorted();
  }

  @Test
  void inspect_missingMiddleSegment_isCorrupt() throws Exception {
    writeLog();
    SegmentInspector.inspect(StoreEnvironments.javaOnly(), dir, "segment_", seen);
    Path missing = seen.segments.get(2).file();
    Path successor = seen.segments.get(3).file();
    Files.delete(missing);

    inspect();

    assertThat(seen.findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.file()).isEqualTo(missing);
              assertThat(finding.verdict()).isEqualTo(Verdict.CORRUPT);
              assertThat(finding.expected())
                  .isEqualTo("a file, as " + successor.getFileName() + " says");
            });
  }

  @Test
  void inspect_damagedFooter_isCalledOne_andIsTorn() throws Exception {
    writeLog();
    Path sealed = dir.resolve("segment_0");
    try (RandomAccessFile file = new RandomAccessFile(sealed.toFile(), "rw")) {
      file.seek(file.length() - 1);
      int last = file.read();
      file.seek(file.length() - 1);
      file.write(last ^ 1);
    }

    inspect();

    assertThat(seen.findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.file()).isEqualTo(sealed);
              assertThat(finding.expected()).isEqualTo("a footer");
              assertThat(finding.verdict()).isEqualTo(Verdict.TORN);
            });
  }

  /** A footer is written and then cut off at its end: a kill may fall in between. */
  @Test
  void inspect_footerThatWasNotCutYet_isTorn() throws Exception {
    writeLog();
    Path sealed = dir.resolve("segment_0");
    try (RandomAccessFile file = new RandomAccessFile(sealed.toFile(), "rw")) {
      file.setLength(file.length() + 4096);
    }

    inspect();

    assertThat(seen.findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.file()).isEqualTo(sealed);
              assertThat(finding.expected()).isEqualTo("a footer");
              assertThat(finding.verdict()).isEqualTo(Verdict.TORN);
            });
  }

  @Test
  void inspect_everyFlippedByteOfASegment_isReported() throws Exception {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    int last = layout.batch(2, 3);
    int end = layout.end();

    for (int offset = 0; offset < end; offset += offset < Format.HEADER_BYTES ? 41 : 1) {
      layout.flip(offset);
      layout.write(file());
      seen.findings.clear();
      SegmentInspector.inspect(StoreEnvironments.javaOnly(), dir, "segment_", seen);
      assertThat(seen.findings).as("flip at %d, last batch at %d", offset, last).isNotEmpty();
      layout.flip(offset);
    }
  }
}
