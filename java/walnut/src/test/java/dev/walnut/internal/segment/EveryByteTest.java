package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every byte of a tiny durable log is flipped, and every length tried: none is silent. */
class EveryByteTest {
  private static final long LAST = 4;

  /** How the log's last life ended. */
  enum Ending {
    CLOSED,
    KILLED
  }

  @TempDir Path base;

  private final Disk disk = GatedDisk.withoutSyncs(Disks.java());
  private final TreeMap<String, Integer> outcomes = new TreeMap<>();
  private Path dir;
  private TreeMap<Long, String> entries;
  private TreeMap<String, byte[]> intact;

  private void write(Ending ending) throws IOException {
    Path original = base.resolve("original");
    SmallLog log = SmallLog.plain(disk, original).durable(2).rotate().chores().durable(2);
    entries = ending == Ending.CLOSED ? log.close() : log.mark().kill();
    intact = LogFiles.content(original);
    // What was reserved behind the end is zeros, and would take most of the time.
    byte[] tail = intact.get("segment_1");
    intact.put(
        "segment_1", Arrays.copyOf(tail, Math.min(tail.length, LogFiles.dataEnd(tail) + 16)));
    dir = base.resolve("damaged");
    LogFiles.restore(intact, dir);
  }

  private String entryAt(String name, int offset) {
    List<LogFiles.Batch> batches = LogFiles.batches(intact.get(name));
    for (LogFiles.Batch batch : batches) {
      int records = batch.start() + Format.BATCH_HEADER_BYTES;
      if (records <= offset && offset < batch.end()) {
        return "body";
      }
      if (batch.start() <= offset && offset < records) {
        return "batch header";
      }
    }
    return offset < Format.HEADER_BYTES ? "segment header" : "behind the batches";
  }

  // ---- flips

  @ParameterizedTest
  @EnumSource(Ending.class)
  void fault17_18_everyByteFlipped_isRefusedWherePromised_andNeverSilent(Ending ending)
      throws IOException {
    write(ending);

    for (Map.Entry<String, byte[]> file : intact.entrySet()) {
      for (int offset = 0; offset < file.getValue().length; offset += step(ending, offset)) {
        byte[] flipped = LogFiles.flipped(file.getValue(), offset, 1 << offset % 8);
        Files.write(dir.resolve(file.getKey()), flipped, StandardOpenOption.WRITE);
        outcomes.merge(judge(file.getKey(), offset, file.getValue()), 1, Integer::sum);
      }
    }

    assertThat(outcomes).containsKeys("harmless", "refused by open", "refused by get");
    if (ending == Ending.CLOSED) {
      assertThat(outcomes.get("refused by open")).isGreaterThan(2 * Format.HEADER_BYTES);
    }
  }

  /** Every byte of a closed log; of a killed one's header blocks, which are alike, only some. */
  private static int step(Ending ending, int offset) {
    return ending == Ending.KILLED && 128 <= offset && offset < Format.HEADER_CRC_AT - 31 ? 31 : 1;
  }

  /** Judges the flip, and puts the files back. */
  private String judge(String name, int offset, byte[] original) throws IOException {
    String when = "flip at " + offset + " of " + name + ": " + entryAt(name, offset);
    byte[] flipped = LogFiles.flipped(original, offset, 1 << offset % 8);
    TreeMap<String, String> before = LogFiles.digest(LogFiles.with(intact, name, flipped));
    SegmentStore store;
    try {
      store = SmallLog.open(disk, dir);
    } catch (CorruptLogException e) {
      assertThat(e.file()).as(when).isEqualTo(dir.resolve(name));
      assertThat(e.offset()).as(when).isLessThanOrEqualTo(offset);
      assertThat(LogFiles.digest(dir)).as(when).isEqualTo(before);
      Files.write(dir.resolve(name), original, StandardOpenOption.WRITE);
      return "refused by open";
    }
    assertThat(entryAt(name, offset)).as(when).isNotEqualTo("segment header");
    String outcome = assertEveryEntryRightOrRefused(store, name, offset, when);
    boolean cut = store.recovery().cutBytes() > 0;
    assertCursorAgrees(store, outcome, name, when);
    store.close();
    LogFiles.restore(intact, dir);
    Files.write(dir.resolve(name), flipped);
    if (!entryAt(name, offset).equals("behind the batches") && !cut) {
      assertFullCheckRefuses(name, offset, when);
    }
    LogFiles.restore(intact, dir);
    return cut ? "cut and reported" : outcome;
  }

  private String assertEveryEntryRightOrRefused(
      SegmentStore store, String name, int offset, String when) throws IOException {
    String outcome = "harmless";
    assertThat(store.lastIndex()).as(when).isEqualTo(LAST);
    assertThat(store.size()).as(when).isEqualTo(entries.size());
    for (long index = 1; index <= LAST; index++) {
      try {
        StoredEntry found = store.get(index);
        assertThat(found).as(when).isNotNull();
        assertThat(StoreFixture.line(found)).as(when).isEqualTo(entries.get(index));
      } catch (CorruptLogException e) {
        assertThat(e.file()).as(when).isEqualTo(dir.resolve(name));
        assertThat(e.offset()).as(when).isLessThanOrEqualTo(offset);
        assertThat(e.firstIndex()).as(when).isEqualTo(index);
        assertThat(e.lastIndex()).as(when).isEqualTo(index);
        assertThat(outcome).as("%s: only one is refused", when).isEqualTo("harmless");
        outcome = "refused by get";
      }
    }
    return outcome;
  }

  /** Iteration returns what lies before the damage and refuses where get does. */
  private void assertCursorAgrees(SegmentStore store, String outcome, String name, String when)
      throws IOException {
    EntryCursor cursor = store.cursor(0);
    try {
      for (Map.Entry<Long, String> entry : entries.entrySet()) {
        assertThat(StoreFixture.line(cursor.next())).as(when).isEqualTo(entry.getValue());
      }
      assertThat(cursor.next()).as(when).isNull();
      assertThat(outcome).as(when).isEqualTo("harmless");
    } catch (CorruptLogException e) {
      assertThat(e.file()).as(when).isEqualTo(dir.resolve(name));
      assertThat(outcome).as(when).isEqualTo("refused by get");
    }
  }

  private void assertFullCheckRefuses(String name, int offset, String when) throws IOException {
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> SmallLog.openFully(disk, dir))
        .as(when)
        .isInstanceOfSatisfying(
            CorruptLogException.class,
            e -> {
              assertThat(e.file()).as(when).isEqualTo(dir.resolve(name));
              assertThat(e.offset()).as(when).isLessThanOrEqualTo(offset);
            });

    assertThat(LogFiles.digest(dir)).as(when).isEqualTo(before);
  }

  // ---- lengths

  /** A file too short for its header is the same whatever its length. */
  private static int step(int length) {
    return 0 < length && length < Format.HEADER_BYTES - 61 ? 61 : 1;
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void fault19_lastFileOfEveryLength_keepsItsWholeBatches_andReportsTheCut(Ending ending)
      throws IOException {
    write(ending);
    byte[] last = intact.get("segment_1");
    List<LogFiles.Batch> batches = LogFiles.batches(last);

    for (int length = 0; length < last.length; length += step(length)) {
      byte[] truncated = Arrays.copyOf(last, length);
      Files.write(dir.resolve("segment_1"), truncated);
      int kept = Format.HEADER_BYTES;
      for (LogFiles.Batch batch : batches) {
        kept = batch.end() <= length ? batch.end() : kept;
      }
      int cutFrom = length < Format.HEADER_BYTES ? 0 : kept;
      int cutBytes = LogFiles.dataEnd(truncated) - cutFrom;
      long lastKept = 2 + batchesWithin(length);

      assertKeeps(lastKept, cutFrom, cutBytes, "length " + length);
    }
  }

  /** The entries of segment_1 in a file of this length. */
  private long batchesWithin(int length) {
    return LogFiles.batches(intact.get("segment_1")).stream()
        .filter(b -> b.end() <= length)
        .limit(LAST - 2)
        .count();
  }

  private void assertKeeps(long lastKept, int cutFrom, int cutBytes, String when)
      throws IOException {
    SegmentStore store = SmallLog.open(disk, dir);
    assertThat(StoreFixture.read(store))
        .as(when)
        .isEqualTo(new TreeMap<>(entries.headMap(lastKept, true)));
    RecoverySummary recovery = store.recovery();
    store.close();
    assertThat(recovery.cutBytes()).as(when).isEqualTo(Math.max(0, cutBytes));
    if (cutBytes > 0) {
      assertThat(recovery.cutFile()).as(when).isEqualTo(dir.resolve("segment_1"));
      assertThat(recovery.cutOffset()).as(when).isEqualTo(cutFrom);
    } else {
      assertThat(recovery.cutFile()).as(when).isNull();
    }
    LogFiles.restore(intact, dir);
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void fault19_earlierFileOfEveryLength_isRefused_orDoesWithoutItsFooter(Ending ending)
      throws IOException {
    write(ending);
    byte[] first = intact.get("segment_0");
    List<LogFiles.Batch> batches = LogFiles.batches(first);
    int valid = batches.get(batches.size() - 1).end();

    for (int length = 0; length < first.length; length += step(length)) {
      Files.write(dir.resolve("segment_0"), Arrays.copyOf(first, length));
      String when = "length " + length;
      if (length < valid) {
        TreeMap<String, String> before = LogFiles.digest(dir);
        assertThatThrownBy(() -> SmallLog.open(disk, dir))
            .as(when)
            .isInstanceOfSatisfying(
                CorruptLogException.class,
                e -> assertThat(e.file()).as(when).isEqualTo(dir.resolve("segment_0")));
        assertThat(LogFiles.digest(dir)).as(when).isEqualTo(before);
      } else {
        SegmentStore store = SmallLog.open(disk, dir);
        assertThat(StoreFixture.read(store)).as(when).isEqualTo(entries);
        assertThat(store.recovery().cutBytes()).as(when).isZero();
        store.close();
        LogFiles.restore(intact, dir);
      }
    }
  }
}
