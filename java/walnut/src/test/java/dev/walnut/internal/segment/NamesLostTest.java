package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Made;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that a power cut takes along or brings back, and segments that are not there. */
@ParameterizedClass
@EnumSource(Body.class)
class NamesLostTest {
  @TempDir Path base;
  @Parameter Body body;

  private SegmentStore open(FaultyDisk disk, Path dir, int segmentsMax, boolean ahead)
      throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 1 << 16, segmentsMax, false, ahead, 4096, 8, false);
    return SegmentStore.open(StoreFixture.environment(disk, 11), options);
  }

  private static void add(SegmentStore store) {
    StoreFixture.add(store, store.pendingLastIndex() + 1, "k", new byte[20]);
  }

  private static int lastOf(List<Made> calls, Call call, String name) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      if (calls.get(i).call() == call && Path.of(calls.get(i).name()).endsWith(name)) {
        return i;
      }
    }
    return -1;
  }

  private static int firstOf(List<Made> calls, Call call, String name) {
    for (int i = 0; i < calls.size(); i++) {
      if (calls.get(i).call() == call && Path.of(calls.get(i).name()).endsWith(name)) {
        return i;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fault05_nameOfANewSegment_isDurableBeforeItsFirstDurableEntry(boolean ahead)
      throws IOException {
    Path dir = base.resolve("log");
    FaultyDisk disk = new FaultyDisk(body.disk());
    try (SegmentStore store = open(disk, dir, 0, ahead)) {
      for (int segment = 0; segment < 4; segment++) {
        if (segment > 0) {
          store.rotate();
        }
        add(store);
        store.commit(/* durable= */ true);

        List<Made> calls = disk.calls();
        assertThat(lastOf(calls, Call.SYNC_DIRECTORY, "log"))
            .as("the sync of the directory behind the making of segment %d", segment)
            .isGreaterThan(lastOf(calls, Call.CREATE, "segment_" + segment));
        StoreFixture.runChores(store);
      }
    }
  }

  /** The mark of 2 kept is in the header of the second segment behind the one that goes. */
  @Test
  void fault48_retention_syncsTheHeaderThatGivesAFileUp_beforeItRemovesIt() throws IOException {
    FaultyDisk disk = new FaultyDisk(body.disk());
    try (SegmentStore store = open(disk, base.resolve("log"), 2, /* ahead= */ false)) {
      for (int i = 0; i < 6; i++) {
        if (i > 0) {
          store.rotate();
        }
        add(store);
        store.commit(/* durable= */ false);
      }

      StoreFixture.runChores(store);

      List<Made> calls = disk.calls();
      for (int gone = 0; gone < 4; gone++) {
        int removed = firstOf(calls, Call.DELETE, "segment_" + gone);
        assertThat(removed)
            .as("the removal of segment %d", gone)
            .isGreaterThan(firstOf(calls, Call.SYNC, "segment_" + (gone + 2)));
        assertThat(firstOf(calls, Call.SYNC, "segment_" + (gone + 2))).isPositive();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fault05_21_removedSegmentsComeBack_areIgnoredAndRemovedAgain(boolean comeBack)
      throws IOException {
    Path dir = base.resolve("log");
    FaultyDisk disk = new FaultyDisk(GatedDisk.withoutSyncs(body.disk()));
    TreeMap<String, byte[]> ever = new TreeMap<>();
    TreeMap<Long, String> entries;
    try (SegmentStore store = open(disk, dir, 2, /* ahead= */ false)) {
      for (int i = 0; i < 6; i++) {
        if (i > 0) {
          store.rotate();
        }
        add(store);
        store.commit(/* durable= */ true);
        ever.putAll(LogFiles.content(dir));
        StoreFixture.runChores(store);
      }
      entries = StoreFixture.read(store);
    }
    assertThat(entries).containsOnlyKeys(5L, 6L);
    Map<String, byte[]> left = LogFiles.content(dir);
    assertThat(left.keySet()).containsExactly("segment_4", "segment_5");
    if (comeBack) {
      ever.putAll(left);
      LogFiles.restore(ever, dir);
    }

    try (SegmentStore again = open(disk, dir, 2, /* ahead= */ false)) {
      assertThat(StoreFixture.read(again)).isEqualTo(entries);
      assertThat(again.recovery().removed()).hasSize(comeBack ? 4 : 0);
    }

    assertThat(LogFiles.content(dir).keySet()).containsExactly("segment_4", "segment_5");
  }

  @Test
  void fault22_unsyncedMiddleSegmentIsMissing_endsTheLogBeforeIt() throws IOException {
    FaultyDisk disk = new FaultyDisk(GatedDisk.withoutSyncs(body.disk()));
    Path original = base.resolve("original");
    SmallLog log = SmallLog.plain(disk, original).durable(3).unsynced(1);
    TreeMap<Long, String> entries = log.rotate().unsynced(3).rotate().unsynced(3).kill();
    TreeMap<String, byte[]> files = LogFiles.content(original);
    files.remove("segment_1");
    Path dir = base.resolve("damaged");
    LogFiles.restore(files, dir);

    try (SegmentStore store = SmallLog.open(disk, dir)) {
      assertThat(StoreFixture.read(store)).isEqualTo(entries.headMap(4L, true));
      assertThat(store.recovery().removed()).containsExactly(dir.resolve("segment_2"));
      assertThat(store.recovery().keptAside()).hasSize(1);
    }
    try (SegmentStore again = SmallLog.open(disk, dir)) {
      assertThat(StoreFixture.read(again)).isEqualTo(entries.headMap(4L, true));
      assertThat(again.recovery().cutBytes()).isZero();
    }
  }
}
