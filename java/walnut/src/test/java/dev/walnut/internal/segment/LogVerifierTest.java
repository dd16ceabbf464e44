package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.segment.InspectionListener.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of damage is found, at its place; and nothing is where nothing is wrong. */
class LogVerifierTest {
  @TempDir Path base;

  private Disk disk;
  private Path dir;

  private SmallLog log(Body body) throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    dir = base.resolve("log");
    return SmallLog.plain(disk, dir);
  }

  private void threeSegments(Body body) throws IOException {
    log(body).durable(3).rotate().chores().durable(3).rotate().chores().durable(3).close();
  }

  private Path segment(int number) {
    return dir.resolve("segment_" + number);
  }

  private List<DamageFacts> damages() throws IOException {
    return SalvageFixture.verify(disk, dir).places().stream()
        .filter(DamageFacts::isDamage)
        .toList();
  }

  private void flip(int number, int offset) throws IOException {
    LogFiles.flip(segment(number), offset, 2);
  }

  private LogFiles.Batch batch(int number, int batch) throws IOException {
    return LogFiles.batches(Files.readAllBytes(segment(number))).get(batch);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void verify_intactLog_countsAll_andFindsNothing(Body body) throws IOException {
    threeSegments(body);
    long bytes = 0;
    for (int number = 0; number < 3; number++) {
      bytes += Files.size(segment(number));
    }
    TreeMap<String, String> before = LogFiles.digest(dir);

    Verification verification = SalvageFixture.verify(disk, dir);

    assertThat(verification.places()).isEmpty();
    assertThat(verification.segments()).isEqualTo(3);
    assertThat(verification.entries()).isEqualTo(9);
    assertThat(verification.batches()).isGreaterThanOrEqualTo(10);
    assertThat(verification.bytesRead()).isGreaterThanOrEqualTo(bytes);
    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_record_isFoundAtItsBody_withItsIndex(Body body) throws IOException {
    threeSegments(body);
    LogFiles.Batch second = batch(1, 1);
    flip(1, second.end() - 12);

    assertThat(damages())
        .singleElement()
        .matches(d -> d.isAt(segment(1), second.start() + Format.BATCH_HEADER_BYTES))
        .matches(d -> d.verdict() == Verdict.CORRUPT)
        .matches(d -> d.firstIndex() == 5 && d.lastIndex() == 5);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_batchHeader_isFound(Body body) throws IOException {
    threeSegments(body);
    LogFiles.Batch second = batch(0, 2); // behind the mark of opening
    flip(0, second.start() + 17);

    assertThat(damages())
        .singleElement()
        .matches(d -> d.isAt(segment(0), second.start()))
        .matches(d -> d.firstIndex() == 2 && d.lastIndex() == 2);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault18_segmentHeader_isFound(Body body) throws IOException {
    threeSegments(body);
    flip(1, 70);

    assertThat(damages()).anyMatch(d -> d.isAt(segment(1), 0));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_footerAndTable_areFound_andAreNoDamage(Body body) throws IOException {
    threeSegments(body);
    int table = batch(0, 3).end();
    byte[] last = Files.readAllBytes(segment(1));
    flip(0, table);
    flip(1, last.length - 30);

    Verification verification = SalvageFixture.verify(disk, dir);

    assertThat(verification.damaged()).isFalse();
    assertThat(verification.places())
        .extracting(DamageFacts::verdict)
        .containsOnly(Verdict.TORN)
        .hasSize(2);
    assertThat(verification.places())
        .anyMatch(d -> d.isAt(segment(0), table))
        .anyMatch(d -> d.file().equals(segment(1)) && d.offset() < last.length);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_tableThatSaysOtherThanItsRecords_isFound(Body body) throws IOException {
    log(body).kill();
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1, 2, 3);
    int summary = first.footer(3);
    first.putInt(first.end() + 4, Format.HEADER_BYTES + Format.BATCH_HEADER_BYTES);
    first.stampFooter(summary);
    first.writeIn(dir);
    SegmentLayout second = new SegmentLayout(first.next(3, new IndexBounds(0, 3)));
    second.batch(3, 4);
    second.mark(1).endMark(4);
    second.writeIn(dir);

    assertThat(damages()).singleElement().matches(d -> d.isAt(segment(0), first.end()));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_summaryThatSaysOtherThanItsRecords_isFound(Body body) throws IOException {
    log(body).kill();
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1, 2, 3);
    int summary = first.footer(3);
    first.putLong(summary + 160, 77).stampSummary(summary);
    first.writeIn(dir);
    SegmentLayout second = new SegmentLayout(first.next(3, new IndexBounds(0, 77)));
    second.batch(3, 78);
    second.mark(1).endMark(4);
    second.writeIn(dir);

    assertThat(damages()).singleElement().matches(d -> d.isAt(segment(0), summary));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_recordUnderARightBodyChecksum_isFound(Body body) throws IOException {
    log(body).kill();
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    int batch = layout.batch(0, 2, 3);
    int record = batch + Format.BATCH_HEADER_BYTES;
    layout.flip(record + 14).stampBatch(batch);
    layout.mark(1).endMark(3);
    layout.writeIn(dir);

    assertThat(damages())
        .singleElement()
        .matches(d -> d.isAt(segment(0), record))
        .matches(d -> d.firstIndex() == 2 && d.lastIndex() == 2);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault19_truncatedFile_isFound(Body body) throws IOException {
    threeSegments(body);
    LogFiles.Batch last = batch(1, 2);
    byte[] bytes = Files.readAllBytes(segment(1));
    Files.write(segment(1), Arrays.copyOf(bytes, last.end() - 10));

    assertThat(damages())
        .anyMatch(d -> d.isAt(segment(1), last.start() + Format.BATCH_HEADER_BYTES));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault25_foreignFile_isFound(Body body) throws IOException {
    threeSegments(body);
    Path other = base.resolve("other");
    SmallLog.plain(disk, other).durable(1).close();
    Files.copy(other.resolve("segment_0"), segment(9));

    assertThat(damages()).anyMatch(d -> d.file().equals(segment(9)));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault24_duplicatedFile_isFound(Body body) throws IOException {
    threeSegments(body);
    Files.copy(segment(1), segment(9));

    assertThat(damages()).anyMatch(d -> d.file().equals(segment(9)));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault45_newerVersion_isUnsupported_notCorrupt(Body body) throws IOException {
    threeSegments(body);
    byte[] header = Files.readAllBytes(segment(0));
    LogFiles.restamp(header, 8, 2);
    Files.write(segment(0), header);

    assertThat(damages())
        .anyMatch(d -> d.isAt(segment(0), 0) && d.verdict() == Verdict.UNSUPPORTED);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void verify_crashStates_areNoDamage(Body body) throws IOException {
    Path original = base.resolve("original");
    disk = GatedDisk.withoutSyncs(body.disk());
    List<TreeMap<String, byte[]>> states = new ArrayList<>();
    Disk watched =
        GatedDisk.of(
            disk,
            (call, arguments) -> {
              states.add(LogFiles.content(original));
              return true;
            });
    Files.createDirectories(original);
    SmallLog.plain(watched, original).durable(2).rotate().chores().durable(1).close();
    dir = base.resolve("log");
    String before = "";
    for (Map<String, byte[]> state : states) {
      String digest = LogFiles.digest(state).toString();
      if (!digest.equals(before)) {
        LogFiles.restore(state, dir);
        assertThat(damages()).as(digest).isEmpty();
      }
      before = digest;
    }
  }

  /** While the files are read, the writer goes on: every few reads, another batch or rotation. */
  @ParameterizedTest
  @EnumSource(Body.class)
  void verify_besideAWriter_reportsNoDamage(Body body) throws IOException {
    SmallLog writing = log(body);
    for (int segment = 0; segment < 20; segment++) {
      writing.durable(2).rotate().chores();
    }
    int[] reads = {0};
    Disk reading =
        GatedDisk.of(
            body.disk(),
            (call, arguments) -> {
              if (call.getName().equals("read") && reads[0]++ < 60) {
                writing.durable(1);
                if (reads[0] % 7 == 0) {
                  writing.rotate().chores();
                }
              }
              return true;
            });

    Verification verification = SalvageFixture.verify(reading, dir);

    assertThat(reads[0]).isGreaterThan(20);
    assertThat(verification.places()).filteredOn(DamageFacts::isDamage).isEmpty();
    writing.close();
  }

  /** A batch that is half there when its file is read, and whole when opening's view is taken. */
  @ParameterizedTest
  @EnumSource(Body.class)
  void verify_batchThatIsWrittenMeanwhile_isNoDamage(Body body) throws IOException {
    log(body).durable(3).kill();
    byte[] whole = Files.readAllBytes(segment(0));
    byte[] half = whole.clone();
    int end = LogFiles.dataEnd(whole);
    Arrays.fill(half, end - 20, end, (byte) 0);
    Files.write(segment(0), half);
    int[] opened = {0};
    Disk reading =
        GatedDisk.of(
            body.disk(),
            (call, arguments) -> {
              if (call.getName().equals("openRead") && ++opened[0] == 3) {
                Files.write(segment(0), whole);
              }
              return true;
            });

    Verification verification = SalvageFixture.verify(reading, dir);

    assertThat(opened[0]).as("looked twice").isGreaterThan(4);
    assertThat(verification.places()).isEmpty();
    assertThat(verification.entries()).isEqualTo(3);
  }
}
