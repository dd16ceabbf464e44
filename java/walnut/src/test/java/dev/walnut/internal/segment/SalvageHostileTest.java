package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Verify and salvage on files full of traps: no surprise, little memory, linear work. */
class SalvageHostileTest {
  private static final int TINY_SEGMENTS = 500;

  @TempDir Path base;

  /** Damages every file, verifies and salvages; used in a process of its own too. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] dirs) throws IOException {
      for (String dir : dirs) {
        System.out.println(probe(Path.of(dir)));
      }
    }

    static String probe(Path dir) throws IOException {
      Files.write(dir.resolve("segment_900"), new byte[] {1});
      TreeMap<String, byte[]> small = new TreeMap<>();
      for (String name : SalvageFixture.names(dir)) {
        if (Files.size(dir.resolve(name)) < 1 << 20) {
          small.put(name, Files.readAllBytes(dir.resolve(name)));
        }
      }
      try {
        SalvageFixture.verify(Disks.java(), dir);
        SalvageOutcome outcome = SalvageFixture.apply(Disks.java(), dir);
        if (!dir.toString().contains("_MIB")) { // else the look itself takes too much memory
          SalvageFixture.assertNothingLost(small, dir, dir.toString());
        }
        SmallLog.openFully(Disks.java(), dir).close();
        return "salvaged: " + outcome.applied();
      } catch (WalException e) {
        return "refused: " + e.getMessage();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = HostileCase.class, mode = Mode.MATCH_NONE, names = ".*_MIB.*")
  void fault44_hostileNumbers_areSalvagedOrRefused(HostileCase hostile) throws IOException {
    hostile.layOut(base);

    assertThat(Probe.probe(base)).matches("(?s)(salvaged|refused): .+");
  }

  @Test
  void fault44_hostileNumbers_with64MegabytesOfHeap_areSalvagedOrRefused() throws Exception {
    for (HostileCase hostile : HostileCase.values()) {
      hostile.layOut(Files.createDirectory(base.resolve(hostile.name())));
    }
    String[] dirs =
        Arrays.stream(HostileCase.values())
            .map(hostile -> base.resolve(hostile.name()).toString())
            .toArray(String[]::new);

    ChildJvm.Ended ended = new ChildJvm().option("-Xmx64m").run(Probe.class, dirs);

    assertThat(ended.status()).as(ended.errors()).isZero();
    assertThat(ended.output().lines().filter(l -> l.matches("(salvaged|refused): .*")))
        .hasSize(dirs.length);
  }

  private CountingDisk counted(Path dir, boolean apply) throws IOException {
    CountingDisk disk = new CountingDisk(GatedDisk.withoutSyncs(Disks.java()));
    LogSalvage.run(
        StoreFixture.environment(disk.disk(), 5), dir, "segment_", apply, SalvageFixture.SILENT);
    return disk;
  }

  private static void assertLinear(CountingDisk half, CountingDisk whole) {
    assertThat(whole.calls()).isLessThanOrEqualTo((long) (2.3 * half.calls()));
    assertThat(whole.bytesRead()).isLessThanOrEqualTo((long) (2.3 * half.bytesRead()));
  }

  private Path tinySegments(String name, int count) throws IOException {
    Path dir = Files.createDirectory(base.resolve(name));
    SegmentLayout segment = new SegmentLayout();
    for (int number = 0; number < count; number++) {
      segment.batch(number, number + 1);
      segment.writeIn(dir);
      segment = new SegmentLayout(segment.next(number + 1, new IndexBounds(0, number + 1)));
    }
    LogFiles.flip(dir.resolve("segment_7"), 20, 1);
    return dir;
  }

  @Test
  void fault44_tinyFiles_areSalvagedWithLinearWork() throws IOException {
    CountingDisk half = counted(tinySegments("half", TINY_SEGMENTS / 2), /* apply= */ true);

    CountingDisk whole = counted(tinySegments("whole", TINY_SEGMENTS), /* apply= */ true);

    assertThat(half.calls()).isGreaterThan(TINY_SEGMENTS);
    assertLinear(half, whole);
    assertThat(SalvageFixture.entries(Disks.java(), base.resolve("whole"))).hasSize(TINY_SEGMENTS);
  }

  /** Records that look right in all but their checksums, one inside the other. */
  private Path nestedRecords(String name, int count) throws IOException {
    Path dir = Files.createDirectory(base.resolve(name));
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    byte[] value = new byte[24 * count];
    int batchAt = layout.entry(2, "k", value, false).end(1);
    layout.batch(2, 3);
    byte[] bytes = layout.toBytes();
    ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int end = batchAt + Format.BATCH_HEADER_BYTES + 12 + value.length;
    for (int at = batchAt + Format.BATCH_HEADER_BYTES; at + 24 < end; at += 24) {
      RecordWriter.entryHead(view, at, 2, "", 0, end - at - 20, false);
    }
    Files.write(dir.resolve("segment_0"), bytes);
    return dir;
  }

  @Test
  void fault44_recordsNestedInRecords_areSearchedWithLinearWork() throws IOException {
    CountingDisk half = counted(nestedRecords("half", 20_000), /* apply= */ false);

    CountingDisk whole = counted(nestedRecords("whole", 40_000), /* apply= */ false);

    assertThat(half.bytesRead()).isGreaterThan(20_000L * 24);
    assertLinear(half, whole);
  }

  @Test
  void salvage_largeValues_passThroughASmallHeap() throws Exception {
    Path dir = base.resolve("log");
    try (SegmentStore store =
        SegmentStore.open(
            StoreFixture.environment(Disks.java(), 2),
            new StoreOptions(dir, "segment_", 0, 1 << 30, 0, false, false, 1 << 20, 8, false))) {
      StoreFixture.add(store, 1, "large", new byte[100 << 20]);
      store.commit(false);
      StoreFixture.add(store, 2, "small", new byte[10]);
      store.commit(true);
      store.mark(true);
    }
    LogFiles.Batch last = LogFiles.batches(Files.readAllBytes(dir.resolve("segment_0"))).get(2);
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve("segment_0").toFile(), "rw")) {
      file.seek(last.end() - 4);
      file.write(77);
    }

    ChildJvm.Ended ended = new ChildJvm().option("-Xmx40m").run(Salvaging.class, dir.toString());

    assertThat(ended.status()).as(ended.errors()).isZero();
    assertThat(ended.output()).contains("1 entries");
    assertThat(Files.size(dir.resolve("segment_1"))).isGreaterThan(100 << 20);
  }

  /** Salvages in a process of its own. */
  static final class Salvaging {
    private Salvaging() {}

    public static void main(String[] arguments) throws IOException {
      SalvageOutcome outcome = SalvageFixture.apply(Disks.java(), Path.of(arguments[0]));
      SalvageOutcome.Kept kept = outcome.harvest();
      System.out.println(kept == null ? "nothing" : kept.entries() + " entries");
    }
  }
}
