package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Damage above every durable mark ends the log there, whole and reported; below it is refused. */
class TornTailTest {
  private static final String DAMAGED = "segment_1";
  private static final int DURABLE = 6;
  private static final int UNSYNCED = 3;

  /** Where the damaged segment stands. */
  enum Place {
    TAIL,
    SEALED
  }

  @TempDir Path base;

  private Disk disk;
  private Path dir;
  private TreeMap<Long, String> entries;
  private TreeMap<String, byte[]> intact;

  static Stream<Arguments> places() {
    return Stream.of(Body.values())
        .flatMap(body -> Stream.of(Place.values()).map(place -> Arguments.of(body, place)));
  }

  /**
   * Entries 1 to 4 lie durable in segment_0, 5 and 6 durable and 7 to 9 unsynced in segment_1, and
   * where that is sealed 10 and 11 unsynced in segment_2.
   */
  private void write(Body body, Place place) throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    Path original = base.resolve("original");
    SmallLog log = SmallLog.plain(disk, original).durable(4).rotate().chores();
    log.durable(DURABLE - 4).chores().unsynced(UNSYNCED);
    if (place == Place.SEALED) {
      log.rotate().unsynced(2);
    }
    entries = log.kill();
    intact = LogFiles.content(original);
    dir = base.resolve("damaged");
  }

  private int lastSegment() {
    return intact.size() - 1;
  }

  /** The log ends after {@code last}; what is cut is reported and kept; the next open agrees. */
  private void assertCut(byte[] damaged, int cutOffset, long last, String when) throws IOException {
    TreeMap<String, byte[]> cut = new TreeMap<>();
    if (LogFiles.dataEnd(damaged) > cutOffset) {
      cut.put(DAMAGED, Arrays.copyOfRange(damaged, cutOffset, LogFiles.dataEnd(damaged)));
    }
    List<Path> removed = new ArrayList<>();
    if (lastSegment() == 2) {
      byte[] behind = intact.get("segment_2");
      cut.put("segment_2", Arrays.copyOf(behind, LogFiles.dataEnd(behind)));
      removed.add(dir.resolve("segment_2"));
    }

    SegmentStore store = SmallLog.open(disk, dir);

    TreeMap<Long, String> kept = new TreeMap<>(entries.headMap(last, true));
    assertThat(StoreFixture.read(store)).as(when).isEqualTo(kept);
    assertThat(store.lastIndex()).as(when).isEqualTo(last);
    RecoverySummary recovery = store.recovery();
    assertThat(recovery.removed()).as(when).isEqualTo(removed);
    assertThat(recovery.cutBytes())
        .as(when)
        .isEqualTo(cut.values().stream().mapToLong(b -> b.length).sum());
    if (cut.isEmpty()) {
      assertThat(recovery.cutFile()).as(when).isNull();
    } else {
      assertThat(recovery.cutFile()).as(when).isEqualTo(dir.resolve(cut.firstKey()));
      assertThat(recovery.cutOffset()).as(when).isEqualTo(cut.containsKey(DAMAGED) ? cutOffset : 0);
    }
    assertKeptAside(recovery.keptAside(), cut, when);
    store.close();
    assertOpensTheSame(kept, when);
  }

  private static void assertKeptAside(List<Path> files, Map<String, byte[]> cut, String when)
      throws IOException {
    List<byte[]> contents = new ArrayList<>();
    for (Path file : files) {
      contents.add(Files.readAllBytes(file));
    }
    assertThat(contents).as(when).containsExactlyElementsOf(cut.values());
  }

  private void assertOpensTheSame(TreeMap<Long, String> kept, String when) throws IOException {
    SegmentStore again = SmallLog.open(disk, dir);
    assertThat(StoreFixture.read(again)).as("%s, opened again", when).isEqualTo(kept);
    assertThat(again.recovery().cutBytes()).as("%s, opened again", when).isZero();
    again.close();
  }

  private void damage(byte[] damaged) throws IOException {
    LogFiles.restore(LogFiles.with(intact, DAMAGED, damaged), dir);
  }

  /** The batches of the damaged file that were never synced, by the entry each carries. */
  private TreeMap<Long, LogFiles.Batch> unsyncedBatches() {
    List<LogFiles.Batch> all = LogFiles.batches(intact.get(DAMAGED));
    TreeMap<Long, LogFiles.Batch> unsynced = new TreeMap<>();
    for (int i = 0; i < UNSYNCED; i++) {
      unsynced.put(DURABLE + 1L + i, all.get(all.size() - UNSYNCED + i));
    }
    return unsynced;
  }

  @ParameterizedTest
  @MethodSource("places")
  void fault17_flipAboveTheDurableMark_isCutAndReported(Body body, Place place) throws IOException {
    write(body, place);
    byte[] bytes = intact.get(DAMAGED);

    for (Map.Entry<Long, LogFiles.Batch> unsynced : unsyncedBatches().entrySet()) {
      LogFiles.Batch batch = unsynced.getValue();
      for (int offset = batch.start(); offset < batch.end(); offset += body.step()) {
        byte[] flipped = LogFiles.flipped(bytes, offset, 1 << offset % 8);
        damage(flipped);

        assertCut(flipped, batch.start(), unsynced.getKey() - 1, "flip at " + offset);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void fault17_flipAtOrBelowTheDurableMark_isRefused(Body body, Place place) throws IOException {
    write(body, place);
    byte[] bytes = intact.get(DAMAGED);
    List<LogFiles.Batch> batches = LogFiles.batches(bytes);

    for (int i = 0; i < batches.size() - UNSYNCED; i++) {
      LogFiles.Batch batch = batches.get(i);
      long firstLost = 5L + i;
      for (int offset = batch.start(); offset < batch.end(); offset += 3) {
        damage(LogFiles.flipped(bytes, offset, 1 << offset % 8));

        assertRefused(batch.start(), firstLost);
      }
    }
  }

  private void assertRefused(int offset, long firstLost) throws IOException {
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> SmallLog.open(disk, dir))
        .isInstanceOfSatisfying(
            CorruptLogException.class,
            e -> {
              assertThat(e.file()).isEqualTo(dir.resolve(DAMAGED));
              assertThat(e.offset()).isEqualTo(offset);
              assertThat(e.firstIndex()).isEqualTo(firstLost);
            });

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("places")
  void fault19_truncatedAboveTheDurableMark_isATornTail(Body body, Place place) throws IOException {
    write(body, place);
    byte[] bytes = intact.get(DAMAGED);

    for (Map.Entry<Long, LogFiles.Batch> unsynced : unsyncedBatches().entrySet()) {
      LogFiles.Batch batch = unsynced.getValue();
      for (int length = batch.start(); length < batch.end(); length += 2 * body.step()) {
        byte[] truncated = Arrays.copyOf(bytes, length);
        damage(truncated);

        assertCut(truncated, batch.start(), unsynced.getKey() - 1, "length " + length);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void fault19_truncatedAtOrBelowTheDurableMark_isRefusedWhereAnythingVouchesForIt(
      Body body, Place place) throws IOException {
    write(body, place);
    byte[] bytes = intact.get(DAMAGED);
    List<LogFiles.Batch> batches = LogFiles.batches(bytes);

    for (int i = 0; i < batches.size() - UNSYNCED; i++) {
      LogFiles.Batch batch = batches.get(i);
      for (int length = batch.start(); length < batch.end(); length += 7) {
        byte[] truncated = Arrays.copyOf(bytes, length);
        damage(truncated);

        if (place == Place.SEALED) {
          assertRefused(batch.start(), 5L + i);
        } else {
          // The marks that would tell were cut off along with what they vouched for.
          assertCut(truncated, batch.start(), 4L + i, "length " + length);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void fault17_undamaged_isKeptWhole(Body body, Place place) throws IOException {
    write(body, place);
    LogFiles.restore(intact, dir);

    SegmentStore store = SmallLog.open(disk, dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().cutBytes()).isZero();
    assertThat(store.recovery().keptAside()).isEmpty();
    assertThat(store.recovery().removed()).isEmpty();
    store.close();
  }
}
