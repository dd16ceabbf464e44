package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A log killed at any call keeps what it acknowledged; a hole behind a rotation ends it there. */
class RotationCrashTest {
  private static final int BATCH = 2;

  /** What the script's batches ask for. */
  enum Sync {
    ALWAYS,
    NEVER,
    MIXED
  }

  /**
   * The directory as a process killed at this moment leaves it.
   *
   * @param call the call that was about to be made
   * @param attempted entries handed over so far
   * @param acknowledged the last index acknowledged so far
   */
  private record Crash(
      String call,
      TreeMap<String, byte[]> files,
      TreeMap<Long, String> attempted,
      long acknowledged) {}

  @TempDir Path base;

  private final List<Crash> crashes = new ArrayList<>();
  private final TreeMap<Long, String> attempted = new TreeMap<>();
  private long acknowledged;

  static Stream<Arguments> scripts() {
    return Stream.of(Body.values())
        .flatMap(body -> Stream.of(Sync.values()).map(sync -> Arguments.of(body, sync)));
  }

  private static SegmentStore open(Disk disk, Path dir, boolean ahead) throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 4, 8 * 1024, 3, true, ahead, 16 * 1024, 2, false);
    return SegmentStore.open(StoreFixture.environment(disk, 3), options);
  }

  /** Two lives of the log, with rotations, retention, footers and a clean end. */
  private void run(Disk disk, Path dir, Sync sync) throws IOException {
    for (int life = 0; life < 2; life++) {
      SegmentStore store = open(disk, dir, sync != Sync.NEVER);
      for (int batch = 0; batch < 7; batch++) {
        if (!store.fits(BATCH, 100)) {
          store.rotate();
        }
        write(store, sync == Sync.ALWAYS || (sync == Sync.MIXED && batch % 3 == 1));
        if (sync != Sync.NEVER || batch == 5) {
          StoreFixture.runChores(store);
        }
      }
      store.finish();
      store.close();
    }
  }

  private void write(SegmentStore store, boolean toBeDurable) throws IOException {
    for (int i = 0; i < BATCH; i++) {
      long index = store.pendingLastIndex() + 1;
      byte[] value = ("value " + index).getBytes(StandardCharsets.UTF_8);
      StoreFixture.add(store, index, "k", value);
      attempted.put(index, StoreFixture.line(index, "k", value, false));
    }
    long last = store.pendingLastIndex();
    store.commit(toBeDurable);
    acknowledged = last;
  }

  private List<Crash> crashesOf(Body body, Sync sync) throws IOException {
    Path dir = base.resolve("log");
    Disk watched =
        GatedDisk.of(
            GatedDisk.withoutSyncs(body.disk()),
            (call, arguments) -> {
              crashes.add(
                  new Crash(
                      crashes.size() + ": " + call.getName(),
                      dir.toFile().exists() ? LogFiles.content(dir) : new TreeMap<>(),
                      new TreeMap<>(attempted),
                      acknowledged));
              return true;
            });
    run(watched, dir, sync);
    return crashes;
  }

  /** Acknowledged is in recovered; recovered is a prefix of attempted, less what retention took. */
  private TreeMap<Long, String> assertRecovers(Disk disk, Path dir, Crash crash)
      throws IOException {
    SegmentStore store;
    try {
      store = open(disk, dir, true);
    } catch (IOException e) {
      throw new AssertionError("killed before call " + crash.call() + ": does not open", e);
    }
    TreeMap<Long, String> found = StoreFixture.read(store);
    long first = store.firstIndex();
    long last = store.lastIndex();
    store.close();
    String when = "killed before call " + crash.call();
    assertThat(last).as(when).isGreaterThanOrEqualTo(crash.acknowledged());
    assertThat(last % BATCH).as("%s: a batch is whole", when).isZero();
    assertThat(found)
        .as(when)
        .isEqualTo(new TreeMap<>(crash.attempted().tailMap(first).headMap(last + 1)));
    // Retention keeps three segments of four entries, the newest of them perhaps just begun.
    assertThat(first).as(when).isLessThanOrEqualTo(Math.max(1, last - 2 * 4 + 1));
    return found;
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void fault01_50_killedBeforeAnyCall_keepsWhatWasAcknowledged_andOpensTheSameTwice(
      Body body, Sync sync) throws IOException {
    Disk disk = GatedDisk.withoutSyncs(body.disk());
    Path dir = base.resolve("killed");
    List<Crash> all = crashesOf(body, sync);

    for (Crash crash : all) {
      LogFiles.restore(crash.files(), dir);

      TreeMap<Long, String> found = assertRecovers(disk, dir, crash);

      assertThat(assertRecovers(disk, dir, crash)).as(crash.call()).isEqualTo(found);
    }

    assertThat(all).hasSizeGreaterThan(100);
    assertThat(acknowledged).isEqualTo(28);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault46_killedBeforeAnyCallOfTheRecovery_converges(Body body) throws IOException {
    Disk disk = GatedDisk.withoutSyncs(body.disk());
    Path dir = base.resolve("killed");
    List<Crash> all = List.copyOf(crashesOf(body, Sync.MIXED));
    Path again = base.resolve("again");

    for (int i = 7; i < all.size(); i += 41 * body.step()) {
      Crash crash = all.get(i);
      LogFiles.restore(torn(crash.files()), dir);
      List<TreeMap<String, byte[]>> states = new ArrayList<>();
      Disk watched =
          GatedDisk.of(
              disk,
              (call, arguments) -> {
                states.add(LogFiles.content(dir));
                return true;
              });
      SegmentStore store = open(watched, dir, true);
      TreeMap<Long, String> found = StoreFixture.read(store);
      store.close();

      for (TreeMap<String, byte[]> state : states) {
        LogFiles.restore(state, again);
        SegmentStore reopened = open(disk, again, true);
        assertThat(StoreFixture.read(reopened)).as(crash.call()).isEqualTo(found);
        reopened.close();
      }
    }
  }

  /** Half a batch lies behind the end, as it does when a write was interrupted. */
  private static TreeMap<String, byte[]> torn(TreeMap<String, byte[]> files) {
    TreeMap<String, byte[]> torn = new TreeMap<>(files);
    files.forEach(
        (name, bytes) -> {
          int end = LogFiles.dataEnd(bytes);
          boolean newest = name.equals(files.lastKey());
          if (newest && end > Format.HEADER_BYTES && LogFiles.batches(bytes).size() > 0) {
            byte[] longer = Arrays.copyOf(bytes, Math.max(bytes.length, end + 200));
            System.arraycopy(bytes, Format.HEADER_BYTES, longer, Format.align(end) + 8, 90);
            torn.put(name, longer);
          }
        });
    return torn;
  }

  /** Entries 1 and 2 durable and 3 to 5 unsynced in segment_0; 6 and 7 unsynced in segment_1. */
  private TreeMap<Long, String> writeAcrossARotation(FaultyDisk disk, Path dir, int lost)
      throws IOException {
    SmallLog log = SmallLog.plain(disk, dir).durable(2).unsynced(2);
    if (lost > 0) {
      disk.lose(Call.WRITE, disk.count(Call.WRITE) + 1);
    }
    return log.unsynced(1).rotate().unsynced(2).kill();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault50_holeInTheOldUnsyncedSegment_endsTheLogThere(Body body) throws IOException {
    Path dir = base.resolve("log");
    TreeMap<Long, String> entries = writeAcrossARotation(new FaultyDisk(body.disk()), dir, 1);
    TreeMap<String, byte[]> files = LogFiles.content(dir);
    byte[] lostHalf = files.get("segment_1");

    SegmentStore store = SmallLog.open(body.disk(), dir);

    // What is left of segment_0 looks whole: only the header of segment_1 tells of entry 5.
    TreeMap<Long, String> kept = new TreeMap<>(entries.headMap(4L, true));
    assertThat(StoreFixture.read(store)).isEqualTo(kept);
    assertThat(store.lastIndex()).isEqualTo(4);
    RecoverySummary recovery = store.recovery();
    assertThat(recovery.cutFile()).isEqualTo(dir.resolve("segment_1"));
    assertThat(recovery.cutOffset()).isZero();
    assertThat(recovery.cutBytes()).isEqualTo(LogFiles.dataEnd(lostHalf));
    assertThat(recovery.keptAside())
        .hasSize(1)
        .allSatisfy(
            f ->
                assertThat(f)
                    .hasBinaryContent(Arrays.copyOf(lostHalf, LogFiles.dataEnd(lostHalf))));
    assertThat(recovery.removed()).containsExactly(dir.resolve("segment_1"));
    assertThat(dir.resolve("segment_1")).doesNotExist();
    store.close();
    SegmentStore again = SmallLog.open(body.disk(), dir);
    assertThat(StoreFixture.read(again)).isEqualTo(kept);
    assertThat(again.recovery().cutBytes()).isZero();
    again.close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault50_holeAnywhereInTheOldUnsyncedSegment_endsTheLogBeforeIt(Body body)
      throws IOException {
    Path original = base.resolve("log");
    TreeMap<Long, String> entries = writeAcrossARotation(new FaultyDisk(body.disk()), original, 0);
    TreeMap<String, byte[]> files = LogFiles.content(original);
    byte[] old = files.get("segment_0");
    List<LogFiles.Batch> batches = LogFiles.batches(old);
    Path dir = base.resolve("hole");

    for (long index = 3; index <= 5; index++) {
      LogFiles.Batch batch = batches.get((int) (batches.size() - 6 + index));
      byte[] hole = old.clone();
      Arrays.fill(hole, batch.start(), batch.end(), (byte) 0);
      LogFiles.restore(LogFiles.with(files, "segment_0", hole), dir);

      SegmentStore store = SmallLog.open(body.disk(), dir);

      assertThat(StoreFixture.read(store)).isEqualTo(new TreeMap<>(entries.headMap(index)));
      assertThat(store.recovery().cutBytes()).isPositive();
      store.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault50_holeInTheOldSegment_behindADurableWriteToTheNew_isRefused(Body body)
      throws IOException {
    Path dir = base.resolve("log");
    FaultyDisk disk = new FaultyDisk(body.disk());
    SmallLog log = SmallLog.plain(disk, dir).durable(2).unsynced(2);
    disk.lose(Call.WRITE, disk.count(Call.WRITE) + 1);
    log.unsynced(1).rotate().durable(1).unsynced(1).kill();
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> SmallLog.open(body.disk(), dir))
        .isInstanceOfSatisfying(
            CorruptLogException.class,
            e -> {
              assertThat(e.file()).isEqualTo(dir.resolve("segment_0"));
              assertThat(e.firstIndex()).isEqualTo(5);
            });

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault50_durableWriteToTheNewSegment_syncsTheOldAndTheNameBeforeItReturns(Body body)
      throws IOException {
    FaultyDisk disk = new FaultyDisk(body.disk());
    SmallLog log = SmallLog.plain(disk, base.resolve("log")).unsynced(2).rotate();
    int seen = disk.calls().size();

    log.durable(1);

    List<String> syncs =
        disk.calls().stream()
            .skip(seen)
            .filter(FaultyDisk.Made::syncs)
            .map(c -> c.call() + " " + Path.of(c.name()).getFileName())
            .toList();
    assertThat(syncs).containsExactly("SYNC segment_0", "WRITE segment_1", "SYNC_DIRECTORY log");
    log.kill();
  }
}
