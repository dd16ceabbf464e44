package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of another log, of an older backup or of a life that was lost never pass for this log. */
class MixedHistoryTest {
  private static final int SEGMENTS = 4;

  @TempDir Path base;

  private final Disk disk = GatedDisk.withoutSyncs(Disks.java());

  private TreeMap<Long, String> write(Path dir, boolean closed) throws IOException {
    SmallLog log = SmallLog.plain(disk, dir);
    for (int segment = 0; segment < SEGMENTS; segment++) {
      if (segment > 0) {
        log.rotate().chores();
      }
      log.durable(3);
    }
    return closed ? log.close() : log.mark().kill();
  }

  /** Opening is refused for this file, and nothing changes. */
  private CorruptLogException assertRefused(Path dir, String name) throws IOException {
    TreeMap<String, String> before = LogFiles.digest(dir);
    CorruptLogException[] refusal = new CorruptLogException[1];

    assertThatThrownBy(() -> SmallLog.open(disk, dir))
        .isInstanceOfSatisfying(CorruptLogException.class, e -> refusal[0] = e);

    assertThat(refusal[0].file()).isEqualTo(dir.resolve(name));
    assertThat(LogFiles.digest(dir)).isEqualTo(before);
    return refusal[0];
  }

  // ---- backups and copies

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fault24_olderBackupOfASegment_isRefused(boolean closed) throws IOException {
    Path dir = base.resolve("log");
    SmallLog log = SmallLog.plain(disk, dir).durable(2).rotate().chores().durable(2);
    TreeMap<Long, String> backedUp = closed ? log.close() : log.mark().kill();
    byte[] backup = LogFiles.content(dir).get("segment_1");
    SmallLog.plain(disk, dir).durable(3).rotate().chores().durable(2).close();
    TreeMap<String, byte[]> current = LogFiles.content(dir);
    LogFiles.restore(LogFiles.with(current, "segment_1", backup), dir);

    CorruptLogException refusal = assertRefused(dir, "segment_1");

    assertThat(refusal.firstIndex()).isEqualTo(backedUp.lastKey() + 1);
    assertThat(refusal.lastIndex()).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fault24_segmentCopiedOverAnyOther_isRefused(boolean closed) throws IOException {
    Path original = base.resolve("original");
    write(original, closed);
    TreeMap<String, byte[]> files = LogFiles.content(original);
    Path dir = base.resolve("mixed");

    for (String source : files.keySet()) {
      for (String target : files.keySet()) {
        if (!source.equals(target)) {
          LogFiles.restore(LogFiles.with(files, target, files.get(source)), dir);

          CorruptLogException refusal = assertRefused(dir, target);

          assertThat(refusal.offset()).isZero();
          assertThat(refusal.found())
              .isEqualTo("the header of segment " + source.substring(8) + ": mixed history");
        }
      }
    }
  }

  @Test
  void fault24_segmentCopiedUnderANewName_isRefused() throws IOException {
    Path original = base.resolve("original");
    write(original, true);
    TreeMap<String, byte[]> files = LogFiles.content(original);
    Path dir = base.resolve("mixed");

    for (String source : files.keySet()) {
      LogFiles.restore(LogFiles.with(files, "segment_7", files.get(source)), dir);

      CorruptLogException refusal = assertRefused(dir, "segment_7");

      assertThat(refusal.found()).contains("mixed history");
    }
  }

  // ---- other logs

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fault25_segmentOfAnotherLogInPlaceOfOurs_isRefused(boolean closed) throws IOException {
    Path ours = base.resolve("ours");
    Path theirs = base.resolve("theirs");
    write(ours, closed);
    write(theirs, closed);
    TreeMap<String, byte[]> files = LogFiles.content(ours);
    TreeMap<String, byte[]> others = LogFiles.content(theirs);
    Path dir = base.resolve("mixed");

    for (String name : files.keySet()) {
      LogFiles.restore(LogFiles.with(files, name, others.get(name)), dir);

      CorruptLogException refusal = assertRefused(dir, name);

      assertThat(refusal.offset()).isZero();
      assertThat(refusal.found()).contains("mixed history");
    }
  }

  @Test
  void fault25_allSegmentsButOneOfAnotherLog_isRefused() throws IOException {
    Path ours = base.resolve("ours");
    Path theirs = base.resolve("theirs");
    write(ours, true);
    write(theirs, true);
    TreeMap<String, byte[]> files = LogFiles.content(ours);
    TreeMap<String, byte[]> others = LogFiles.content(theirs);
    Path dir = base.resolve("mixed");

    for (String name : files.keySet()) {
      LogFiles.restore(LogFiles.with(others, name, files.get(name)), dir);

      CorruptLogException refusal = assertRefused(dir, name);

      assertThat(refusal.found()).contains("mixed history");
    }
  }

  @Test
  void fault25_oneSegmentEachOfTwoLogs_isRefused() throws IOException {
    Path ours = base.resolve("ours");
    Path theirs = base.resolve("theirs");
    write(ours, true);
    write(theirs, true);
    TreeMap<String, byte[]> mixed = new TreeMap<>();
    mixed.put("segment_0", LogFiles.content(ours).get("segment_0"));
    mixed.put("segment_1", LogFiles.content(theirs).get("segment_1"));
    Path dir = base.resolve("mixed");
    LogFiles.restore(mixed, dir);
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> SmallLog.open(disk, dir))
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("mixed history");

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  // ---- lives that were lost

  /** Two lives that went on from one log: {@code lost} is not to be seen in {@code ours}. */
  private List<Path> fork(int segmentsBefore) throws IOException {
    Path ours = base.resolve("ours");
    SmallLog log = SmallLog.plain(disk, ours);
    for (int segment = 0; segment < segmentsBefore; segment++) {
      log.durable(2).rotate().chores();
    }
    log.durable(2).mark().kill();
    Path lost = base.resolve("lost");
    LogFiles.restore(LogFiles.content(ours), lost);
    return List.of(ours, lost);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault27_batchOfALostLifeAtTheSameOffsetWithTheNextSequence_isNotAccepted(Body body)
      throws IOException {
    List<Path> dirs = fork(1);
    Path ours = dirs.get(0);
    TreeMap<Long, String> lost = SmallLog.plain(disk, dirs.get(1)).unsynced(4).kill();
    TreeMap<Long, String> entries = SmallLog.plain(disk, ours).unsynced(2).kill();
    byte[] stale = LogFiles.content(dirs.get(1)).get("segment_1");
    TreeMap<String, byte[]> files = LogFiles.content(ours);
    byte[] tail = files.get("segment_1");
    int end = LogFiles.batches(tail).get(LogFiles.batches(tail).size() - 1).end();
    assertThat(LogFiles.batches(stale)).anyMatch(b -> b.start() == end);
    byte[] recycled = Arrays.copyOf(tail, Math.max(tail.length, stale.length));
    System.arraycopy(stale, end, recycled, end, stale.length - end);
    Path dir = base.resolve("recycled");
    LogFiles.restore(LogFiles.with(files, "segment_1", recycled), dir);

    SegmentStore store = SmallLog.open(body.disk(), dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries).isNotEqualTo(lost);
    assertThat(store.recovery().cutFile()).isEqualTo(dir.resolve("segment_1"));
    assertThat(store.recovery().cutOffset()).isEqualTo(end);
    assertThat(store.recovery().cutBytes()).isEqualTo(LogFiles.dataEnd(recycled) - end);
    store.close();
    SegmentStore again = SmallLog.open(body.disk(), dir);
    assertThat(StoreFixture.read(again)).isEqualTo(entries);
    assertThat(again.recovery().cutBytes()).isZero();
    again.close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault27_wholeSegmentOfALostLife_isNotAccepted(Body body) throws IOException {
    List<Path> dirs = fork(1);
    Path ours = dirs.get(0);
    SmallLog.plain(disk, dirs.get(1)).unsynced(2).rotate().unsynced(3).kill();
    TreeMap<Long, String> entries = SmallLog.plain(disk, ours).unsynced(3).kill();
    TreeMap<String, byte[]> files = LogFiles.content(ours);
    byte[] stale = LogFiles.content(dirs.get(1)).get("segment_2");
    Path dir = base.resolve("resurrected");
    LogFiles.restore(LogFiles.with(files, "segment_2", stale), dir);

    SegmentStore store = SmallLog.open(body.disk(), dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().removed()).containsExactly(dir.resolve("segment_2"));
    assertThat(store.recovery().cutFile()).isEqualTo(dir.resolve("segment_2"));
    store.close();
    SegmentStore again = SmallLog.open(body.disk(), dir);
    assertThat(StoreFixture.read(again)).isEqualTo(entries);
    assertThat(again.recovery().cutBytes()).isZero();
    again.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void fault27_segmentOfALostLifeInPlaceOfOurs_isRefused(int lostEntries) throws IOException {
    List<Path> dirs = fork(1);
    Path ours = dirs.get(0);
    SmallLog.plain(disk, dirs.get(1)).durable(lostEntries).kill();
    SmallLog.plain(disk, ours).durable(2).rotate().chores().durable(2).close();
    byte[] stale = LogFiles.content(dirs.get(1)).get("segment_1");
    TreeMap<String, byte[]> files = LogFiles.content(ours);
    Path dir = base.resolve("mixed");
    LogFiles.restore(LogFiles.with(files, "segment_1", stale), dir);

    // One that reaches farther than ours makes the header behind it the odd one out.
    CorruptLogException refusal = assertRefused(dir, lostEntries < 3 ? "segment_1" : "segment_2");

    assertThat(refusal.lastIndex()).isEqualTo(lostEntries < 3 ? 8 : -1);
  }

  // ---- old blocks

  /** A file that had grown when the power was cut may show blocks of one whose name was lost. */
  @ParameterizedTest
  @EnumSource(Body.class)
  void fault04_headerOfALostSegmentInAnUnsyncedFile_isTorn(Body body) throws IOException {
    List<Path> dirs = fork(0);
    byte[] block = lostSegment(dirs.get(1));
    Path dir = dirs.get(0);
    TreeMap<Long, String> entries =
        SmallLog.plain(disk, dir).durable(2).rotate().durable(2).mark().kill();
    Files.write(dir.resolve("segment_2"), block);

    SegmentStore store = SmallLog.open(body.disk(), dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().removed()).containsExactly(dir.resolve("segment_2"));
    store.close();
  }

  @Test
  void fault04_headerOfALostSegmentInADurableFile_isRefused() throws IOException {
    List<Path> dirs = fork(0);
    byte[] block = lostSegment(dirs.get(1));
    Path ours = dirs.get(0);
    SmallLog.plain(disk, ours).durable(2).rotate().durable(2).rotate().durable(2).mark().kill();
    TreeMap<String, byte[]> files = LogFiles.content(ours);
    byte[] spoiled = files.get("segment_2").clone();
    System.arraycopy(block, 0, spoiled, 0, Format.HEADER_BYTES);
    Path dir = base.resolve("mixed");
    LogFiles.restore(LogFiles.with(files, "segment_2", spoiled), dir);

    CorruptLogException refusal = assertRefused(dir, "segment_2");

    assertThat(refusal.found()).isEqualTo("no readable header");
  }

  /** The header block of a segment 1 that another life of the log has made, and lost. */
  private byte[] lostSegment(Path lost) throws IOException {
    SmallLog.plain(disk, lost).durable(3).rotate().durable(3).kill();
    return Arrays.copyOf(LogFiles.content(lost).get("segment_1"), Format.HEADER_BYTES);
  }
}
