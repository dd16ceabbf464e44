package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is corrupt goes, nothing else does, and the log opens: also if a crash comes between. */
class UnsafeRecoveryTest {
  private static final int SEGMENTS = 5;
  private static final int ENTRIES_A_SEGMENT = 3;

  @TempDir Path base;

  private Disk disk;
  private Path dir;
  private TreeMap<Long, String> entries;

  static Stream<Arguments> corrupted() {
    return Stream.of(Body.values())
        .flatMap(
            body ->
                Stream.of(
                        Set.of(0),
                        Set.of(2),
                        Set.of(4),
                        Set.of(1, 3),
                        Set.of(1, 2),
                        Set.of(0, 4),
                        Set.of(3, 4),
                        Set.of(0, 2, 4))
                    .map(numbers -> Arguments.of(body, new TreeSet<>(numbers))));
  }

  private void write(Body body, boolean closed) throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    dir = base.resolve("log");
    SmallLog log = SmallLog.plain(disk, dir);
    for (int segment = 0; segment < SEGMENTS; segment++) {
      if (segment > 0) {
        log.rotate().chores();
      }
      log.durable(ENTRIES_A_SEGMENT);
    }
    entries = closed ? log.close() : log.mark().kill();
  }

  private Path segment(int number) {
    return dir.resolve("segment_" + number);
  }

  /** Half of them in the header, half in a record. */
  private void corrupt(Set<Integer> numbers) throws IOException {
    for (int number : numbers) {
      byte[] bytes = Files.readAllBytes(segment(number));
      int value = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("value");
      LogFiles.flip(segment(number), number % 2 == 0 ? value : 20, 1);
    }
  }

  private TreeMap<Long, String> without(Set<Integer> numbers) {
    TreeMap<Long, String> left = new TreeMap<>(entries);
    for (int number : numbers) {
      long first = (long) number * ENTRIES_A_SEGMENT + 1;
      left.subMap(first, first + ENTRIES_A_SEGMENT).clear();
    }
    return left;
  }

  private List<Path> unsafeRecover(Disk on) throws IOException {
    return UnsafeRecovery.run(StoreFixture.environment(on, 3), dir, "segment_");
  }

  private void assertHolds(TreeMap<Long, String> expected, String when) throws IOException {
    SegmentStore store = SmallLog.openFully(disk, dir);
    assertThat(StoreFixture.read(store)).as(when).isEqualTo(expected);
    assertThat(store.lastIndex()).as(when).isEqualTo(entries.lastKey());
    store.close();
  }

  @ParameterizedTest
  @MethodSource("corrupted")
  void unsafeRecover_corruptSegments_removesExactlyThem_andTheLogOpens(
      Body body, Set<Integer> numbers) throws IOException {
    write(body, /* closed= */ true);
    corrupt(numbers);
    Files.writeString(dir.resolve("segment_cut_9_0123456789abcdef_4096"), "kept aside before");
    Files.writeString(dir.resolve("segment_01"), "not ours");
    TreeMap<String, String> others = LogFiles.digest(dir);
    List<Path> corrupt = numbers.stream().map(this::segment).toList();
    corrupt.forEach(f -> others.remove(f.getFileName().toString()));

    List<Path> removed = unsafeRecover(disk);

    assertThat(removed).containsExactlyElementsOf(corrupt);
    TreeMap<String, String> after = LogFiles.digest(dir);
    assertThat(after.remove("segment_5")).as("the new tail").isNotNull();
    assertThat(after).isEqualTo(others);
    TreeMap<Long, String> left = without(numbers);
    assertHolds(left, "opened once");
    SmallLog log = SmallLog.plain(disk, dir).durable(2).rotate().chores().durable(2);
    TreeMap<Long, String> more = log.kill();
    SegmentStore again = SmallLog.openFully(disk, dir);
    assertThat(StoreFixture.read(again)).isEqualTo(more).hasSize(left.size() + 4);
    again.close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void unsafeRecover_tornTail_isNotCorruption_andIsLeftAlone(Body body) throws IOException {
    write(body, /* closed= */ false);
    SmallLog log = SmallLog.plain(disk, dir);
    entries = new TreeMap<>(log.entries);
    log.unsynced(1).kill();
    Path tail = segment(SEGMENTS - 1);
    LogFiles.flip(tail, LogFiles.dataEnd(Files.readAllBytes(tail)) - 4, 1);
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThat(unsafeRecover(disk)).isEmpty();

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
    SegmentStore store = SmallLog.open(disk, dir);
    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().cutFile()).isEqualTo(tail);
    store.close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void unsafeRecover_tornSealedSegment_isNotCorruption_andIsLeftAlone(Body body)
      throws IOException {
    write(body, /* closed= */ false);
    SmallLog log = SmallLog.plain(disk, dir);
    entries = new TreeMap<>(log.entries);
    log.unsynced(1).rotate().unsynced(2).kill();
    Path torn = segment(SEGMENTS - 1);
    LogFiles.flip(torn, LogFiles.dataEnd(Files.readAllBytes(torn)) - 4, 1);
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThat(unsafeRecover(disk)).isEmpty();

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
    SegmentStore store = SmallLog.open(disk, dir);
    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    store.close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void unsafeRecover_crashAtAnyCall_isFinishedByAnother(Body body) throws IOException {
    Set<Integer> numbers = Set.of(1, 4);
    write(body, /* closed= */ true);
    corrupt(numbers);
    List<TreeMap<String, byte[]>> crashes = new ArrayList<>();
    unsafeRecover(
        GatedDisk.of(
            disk,
            (call, arguments) -> {
              crashes.add(LogFiles.content(dir));
              return true;
            }));
    TreeMap<Long, String> left = without(numbers);
    assertHolds(left, "not interrupted");

    TreeSet<String> outcomes = new TreeSet<>();
    for (int i = 0; i < crashes.size(); i += body.step()) {
      String when = "crash before call " + i;
      LogFiles.restore(crashes.get(i), dir);
      outcomes.add(assertCorruptOrRecovered(left, when));

      LogFiles.restore(crashes.get(i), dir);
      unsafeRecover(disk);

      assertHolds(left, when);
      assertThat(unsafeRecover(disk)).as(when).isEmpty();
    }
    assertThat(outcomes).containsExactly("corrupt", "recovered");
  }

  /** The corrupt log, or the one without what was corrupt; nothing between. */
  private String assertCorruptOrRecovered(TreeMap<Long, String> left, String when)
      throws IOException {
    try {
      assertHolds(left, when);
      return "recovered";
    } catch (CorruptLogException e) {
      return "corrupt";
    }
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void unsafeRecover_secondTime_acceptsTheNextLossToo(Body body) throws IOException {
    write(body, /* closed= */ true);
    corrupt(Set.of(1));
    unsafeRecover(disk);
    TreeMap<Long, String> grown = SmallLog.plain(disk, dir).durable(3).close();
    entries = grown;
    corrupt(Set.of(3));
    assertThatThrownBy(() -> SmallLog.openFully(disk, dir)).isInstanceOf(CorruptLogException.class);

    assertThat(unsafeRecover(disk)).containsExactly(segment(3));

    assertHolds(without(Set.of(3)), "opened");
  }

  // ---- what it must not do: give up more than is corrupt, or leave a closed log

  private static StoreOptions options(Path dir, int entriesMax) {
    return new StoreOptions(
        dir, "segment_", entriesMax, 4 << 20, 0, false, false, 64 * 1024, 8, false);
  }

  private static SegmentStore open(Path dir, int seed, int entriesMax) throws IOException {
    return SegmentStore.open(
        StoreFixture.environment(Disks.java(), seed), options(dir, entriesMax));
  }

  private static void put(SegmentStore store, long index, boolean durable) throws IOException {
    byte[] value = ("value " + index).getBytes(StandardCharsets.UTF_8);
    StoreFixture.add(store, index, "key", value);
    store.commit(durable);
  }

  /** A closed log of durable entries. */
  private Path closedLog(String name, int seed, int entries, int entriesMax) throws IOException {
    Path dir = base.resolve(name);
    SegmentStore store = open(dir, seed, entriesMax);
    for (int index = 1; index <= entries; index++) {
      if (!store.fits(1, 100)) {
        store.rotate();
        StoreFixture.runChores(store);
      }
      put(store, index, true);
    }
    StoreFixture.runChores(store);
    store.finish();
    store.close();
    return dir;
  }

  private static void spoil(Path file, String text) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text)] ^= 1;
    Files.write(file, bytes);
  }

  private static List<Path> recover(Path dir) throws IOException {
    return UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 3), dir, "segment_");
  }

  @Test
  void recover_morePiecesThanAHeaderTellsOf_isRefusedAndChangesNothing() throws IOException {
    Path dir = closedLog("pieces", 1, 80, 1);
    for (int number = 2; number <= 70; number += 2) {
      spoil(dir.resolve("segment_" + number), "value");
    }
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> recover(dir))
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("at most 32 gaps")
        .hasMessageContaining("35 gaps");

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @Test
  void recover_segmentOfAnotherLog_isRefusedAndChangesNothing() throws IOException {
    Path dir = closedLog("ours", 1, 12, 4);
    Path other = closedLog("other", 99, 20, 1);
    Files.copy(other.resolve("segment_9"), dir.resolve("segment_9"));
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> recover(dir))
        .isInstanceOfSatisfying(
            CorruptLogException.class,
            e -> assertThat(e.file()).isEqualTo(dir.resolve("segment_9")))
        .hasMessageContaining("take the other log's files away first");

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  /** Segment 0 is corrupt; segment 1 lost an entry that no sync had covered, in a power cut. */
  @Test
  void recover_tornSegmentBehindACorruptOne_keepsWhatIsDurableInIt() throws IOException {
    Path dir = base.resolve("torn");
    SegmentStore store = open(dir, 1, 0);
    for (int index = 1; index <= 4; index++) {
      put(store, index, true);
    }
    store.rotate();
    StoreFixture.runChores(store);
    for (int index = 5; index <= 8; index++) {
      put(store, index, true);
    }
    put(store, 9, false);
    store.rotate();
    put(store, 10, false);
    store.close();
    spoil(dir.resolve("segment_1"), "value 9");
    spoil(dir.resolve("segment_0"), "value 2");

    List<Path> removed = recover(dir);

    assertThat(removed).containsExactly(dir.resolve("segment_0"));
    SegmentStore again = open(dir, 2, 0);
    assertThat(StoreFixture.read(again).keySet()).containsExactly(5L, 6L, 7L, 8L);
    assertThat(again.lastIndex()).isEqualTo(8);
    put(again, 9, true);
    again.close();
  }

  @Test
  void recover_onlySegmentCorrupt_leavesAnEmptyLogThatGoesOn() throws IOException {
    Path dir = closedLog("only", 1, 100, 0);
    spoil(dir.resolve("segment_0"), "value 100");

    List<Path> removed = recover(dir);

    assertThat(removed).containsExactly(dir.resolve("segment_0"));
    assertThat(dir.resolve("segment_1")).exists();
    SegmentStore again = open(dir, 2, 0);
    assertThat(again.size()).isZero();
    assertThat(again.lastIndex()).isEqualTo(100);
    assertThat(again.recovery().lastSequence()).isGreaterThanOrEqualTo(100);
    put(again, 101, true);
    again.close();
    assertThat(recover(dir)).isEmpty();
  }
}
