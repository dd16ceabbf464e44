package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What many segments make opening do grows with their number, whatever they say of each other. */
class RecoveryCostTest {
  private static final int SEGMENTS = 160;

  @TempDir Path base;

  // ---- statements of the oldest segment

  /**
   * A chain that breaks half way. Each header behind the break names another one of the segments
   * before it as the oldest kept, and none of these statements counts.
   */
  private static void writeStatements(Path dir, int count) throws IOException {
    SegmentLayout segment = new SegmentLayout();
    for (int number = 0; number < count; number++) {
      boolean behind = number >= count / 2 - 1;
      int durable = Math.min(number, count / 2 - 1);
      segment.batch(durable, number + 1);
      SegmentHeader next = segment.next(durable, new IndexBounds(0, number + 1));
      if (!behind) {
        segment.footer(number);
      }
      segment.writeIn(dir);
      segment = new SegmentLayout(behind ? notFollowing(next, number + 1 - count / 2) : next);
    }
  }

  /** The same header, of a predecessor that is longer than it is. */
  private static SegmentHeader notFollowing(SegmentHeader header, int lowWater) {
    Predecessor facts = header.predecessor();
    return new SegmentHeader(
        header.logId(),
        header.number(),
        header.epoch(),
        header.successorEpoch(),
        false,
        0,
        header.firstSequence(),
        new Predecessor(
            facts.number(),
            facts.epoch(),
            facts.validBytes() + Format.BATCH_ALIGN,
            facts.lastSequence(),
            facts.lastBatchCrc()),
        lowWater,
        header.durableThrough(),
        header.bounds(),
        List.of());
  }

  private CountingDisk decideCounted(String name, int count) throws IOException {
    Path dir = Files.createDirectory(base.resolve(name));
    writeStatements(dir, count);
    CountingDisk disk = new CountingDisk(Disks.java());
    try (DiskDirectory directory = disk.disk().openDirectory(dir)) {
      SegmentFiles files =
          new SegmentFiles(disk.disk(), directory, new SegmentNames("segment_"), 8);
      NavigableMap<Integer, FoundSegment> found =
          StoreOpening.find(files, disk.disk().allocate(1 << 16));

      Recovered recovered = Recovery.decide(files, found, /* fullCheck= */ true);

      assertThat(recovered).isNotNull();
      assertThat(recovered.kept()).hasSize(count / 2);
      assertThat(recovered.endsBehind()).isTrue();
    }
    return disk;
  }

  @Test
  void fault44_statementsOfTheOldestSegment_areWeighedWithLinearWork() throws IOException {
    CountingDisk half = decideCounted("half", SEGMENTS / 2);

    CountingDisk whole = decideCounted("whole", SEGMENTS);

    assertThat(half.calls()).isGreaterThan(SEGMENTS);
    assertThat(whole.calls()).isLessThanOrEqualTo((long) (2.2 * half.calls()));
    assertThat(whole.bytesRead()).isLessThanOrEqualTo((long) (2.2 * half.bytesRead()));
  }

  // ---- unsafeRecover

  /** A chain of tiny segments with damage in the second one. */
  private CountingDisk recoverCounted(String name, int count) throws IOException {
    Path dir = Files.createDirectory(base.resolve(name));
    SegmentLayout segment = new SegmentLayout();
    for (int number = 0; number < count; number++) {
      segment.batch(number, number + 1);
      SegmentHeader next = segment.next(number + 1, new IndexBounds(0, number + 1));
      segment.footer(number + 1);
      segment.writeIn(dir);
      segment = new SegmentLayout(next);
    }
    LogFiles.flip(dir.resolve("segment_1"), Format.HEADER_BYTES + 10, 1);
    CountingDisk disk = new CountingDisk(GatedDisk.withoutSyncs(Disks.java()));

    List<Path> removed =
        UnsafeRecovery.run(StoreFixture.environment(disk.disk(), 3), dir, "segment_");

    assertThat(removed).containsExactly(dir.resolve("segment_1"));
    return disk;
  }

  @Test
  void fault44_unsafeRecoverOfManySegments_takesLinearWork() throws IOException {
    CountingDisk half = recoverCounted("half", SEGMENTS / 2);

    CountingDisk whole = recoverCounted("whole", SEGMENTS);

    assertThat(half.calls()).isGreaterThan(SEGMENTS);
    assertThat(whole.calls()).isLessThanOrEqualTo((long) (2.2 * half.calls()));
    assertThat(whole.bytesRead()).isLessThanOrEqualTo((long) (2.2 * half.bytesRead()));
  }

  /** Every byte behind a batch is looked at for a header, and read once in a few megabytes. */
  @Test
  void fault44_evidenceBehind_ofBatchesThatReachFar_isReadWithLinearWork() throws IOException {
    long half = bytesReadBehind("half", 1 << 20);

    long whole = bytesReadBehind("whole", 2 << 20);

    assertThat(half).isGreaterThan(1 << 20);
    assertThat(whole).isLessThanOrEqualTo((long) (2.5 * half));
  }

  /** Authentic headers everywhere, each with a body that is wrong and longer than the memory. */
  private long bytesReadBehind(String name, int bytes) throws IOException {
    Path dir = Files.createDirectory(base.resolve(name));
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    layout.record(Format.TYPE_ENTRY, new byte[bytes]).end(0);
    byte[] segment = layout.toBytes();
    LogFiles.nestHeaders(segment, LogFiles.batches(segment).get(1).start(), SegmentLayout.EPOCH);
    Files.write(dir.resolve("segment_0"), segment);
    CountingDisk disk = new CountingDisk(Disks.java());
    try (DiskDirectory directory = disk.disk().openDirectory(dir)) {
      SegmentFiles files =
          new SegmentFiles(disk.disk(), directory, new SegmentNames("segment_"), 1);
      FoundSegment found = FoundSegment.read(files, disk.disk().allocate(1 << 16), 0);
      found.evidenceBehind(Format.HEADER_BYTES, SegmentLayout.EPOCH);
    }
    return disk.bytesRead();
  }

  // ---- gaps

  @Test
  void gapCover_anyGaps_agreesWithLookingAtEach() {
    Random random = new Random(44);
    for (int round = 0; round < 200; round++) {
      List<Gap> gaps = new ArrayList<>();
      for (int i = random.nextInt(8); i > 0; i--) {
        int first = random.nextInt(30);
        gaps.add(new Gap(first, first - 1 + random.nextInt(6), 1, 1));
      }
      GapCover cover = new GapCover(gaps);
      for (int first = 0; first < 40; first++) {
        int segment = first;
        assertThat(cover.contains(segment))
            .as("%s contain %d", gaps, segment)
            .isEqualTo(gaps.stream().anyMatch(g -> g.contains(segment)));
        for (int last = first; last < 40; last++) {
          int end = last;
          assertThat(cover.containsAll(segment, end))
              .as("one of %s contains %d to %d", gaps, segment, end)
              .isEqualTo(gaps.stream().anyMatch(g -> g.contains(segment) && g.contains(end)));
        }
      }
    }
  }
}
