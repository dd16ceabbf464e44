package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Files full of traps: refused or made the best of, with little memory and linear work. */
class HostileFilesTest {
  private static final int TINY_SEGMENTS = 1000;

  @TempDir Path base;

  @ParameterizedTest
  @EnumSource(value = HostileCase.class, mode = Mode.MATCH_NONE, names = ".*_MIB.*")
  void fault44_hostileNumbers_endInTheLogsOwnExceptions(HostileCase hostile) throws IOException {
    hostile.layOut(base);

    assertThat(HostileProbe.probe(base)).hasSize(5);
  }

  @Test
  void fault44_hugeSparseFile_isReadAsItsBatches() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    layout.writeIn(base);
    try (RandomAccessFile file = new RandomAccessFile(base.resolve("segment_0").toFile(), "rw")) {
      file.setLength((1L << 28) + 12_345);
    }

    try (ReadOnlyStore store =
        ReadOnlyStore.open(StoreFixture.environment(Disks.java(), 5), base, "segment_")) {
      assertThat(StoreFixture.read(store)).containsOnlyKeys(1L, 2L);
    }
  }

  @Test
  void fault44_hostileNumbers_with64MegabytesOfHeap_endInTheLogsOwnExceptions() throws Exception {
    for (HostileCase hostile : HostileCase.values()) {
      hostile.layOut(Files.createDirectory(base.resolve(hostile.name())));
    }
    String[] dirs =
        Arrays.stream(HostileCase.values())
            .map(hostile -> base.resolve(hostile.name()).toString())
            .toArray(String[]::new);

    ChildJvm.Ended ended = new ChildJvm().option("-Xmx64m").run(HostileProbe.class, dirs);

    assertThat(ended.status()).as(ended.errors()).isZero();
    assertThat(ended.output().lines()).hasSize(dirs.length);
  }

  // ---- work

  /** A log of tiny segments, one entry each, killed before any was closed. */
  private static void writeTinySegments(Path dir, int count) throws IOException {
    SegmentLayout segment = new SegmentLayout();
    for (int number = 0; number < count; number++) {
      segment.batch(number, number + 1);
      segment.writeIn(dir);
      long last = number + 1;
      segment = new SegmentLayout(segment.next(last, new IndexBounds(0, last)));
    }
  }

  private CountingDisk openCounted(int segments) throws IOException {
    CountingDisk disk = new CountingDisk(Disks.java());
    try (ReadOnlyStore store =
        ReadOnlyStore.open(StoreFixture.environment(disk.disk(), 5), base, "segment_")) {
      assertThat(store.lastIndex()).isEqualTo(segments);
      assertThat(store.size()).isEqualTo(segments);
    }
    return disk;
  }

  @Test
  void fault44_tinyFiles_areOpenedWithLinearWork() throws IOException {
    writeTinySegments(base, TINY_SEGMENTS);
    CountingDisk whole = openCounted(TINY_SEGMENTS);
    for (int number = TINY_SEGMENTS / 2; number < TINY_SEGMENTS; number++) {
      Files.delete(base.resolve("segment_" + number));
    }

    CountingDisk half = openCounted(TINY_SEGMENTS / 2);

    assertThat(half.calls()).isGreaterThan(TINY_SEGMENTS / 2);
    assertThat(half.bytesRead()).isGreaterThan(TINY_SEGMENTS / 2 * (long) Format.HEADER_BYTES);
    assertThat(whole.calls()).isLessThanOrEqualTo((long) (2.2 * half.calls()));
    assertThat(whole.bytesRead()).isLessThanOrEqualTo((long) (2.2 * half.bytesRead()));
  }

  /** Headers inside one another's bodies, all authentic, over bodies that are wrong. */
  private void writeNestedHeaders(int count) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    layout.record(Format.TYPE_ENTRY, new byte[count * Format.BATCH_HEADER_BYTES]).end(0);
    byte[] bytes = layout.toBytes();
    LogFiles.nestHeaders(bytes, LogFiles.batches(bytes).get(1).start(), SegmentLayout.EPOCH);
    Files.write(base.resolve("segment_0"), bytes);
  }

  private long bytesReadPastDamage(int count) throws IOException {
    writeNestedHeaders(count);
    CountingDisk disk = new CountingDisk(Disks.java());
    SegmentFiles files =
        new SegmentFiles(
            disk.disk(), disk.disk().openDirectory(base), new SegmentNames("segment_"), 1);
    FoundSegment found = FoundSegment.read(files, disk.disk().allocate(1 << 16), 0);
    found.evidenceBehind(Format.HEADER_BYTES, SegmentLayout.EPOCH);
    files.directory().close();
    return disk.bytesRead();
  }

  @Test
  void fault44_headersNestedInBodies_areSearchedWithLinearWork() throws IOException {
    long half = bytesReadPastDamage(4000);

    long whole = bytesReadPastDamage(8000);

    assertThat(half).isGreaterThan(4000L * Format.BATCH_HEADER_BYTES);
    assertThat(whole).isLessThanOrEqualTo((long) (2.5 * half));
  }
}
