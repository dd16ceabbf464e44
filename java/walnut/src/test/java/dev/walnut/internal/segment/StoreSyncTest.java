package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.NoSpaceException;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Made;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which calls make what durable, and in which order. */
class StoreSyncTest {
  @TempDir Path dir;

  private final FaultyDisk disk = new FaultyDisk(Disks.java());
  private SegmentStore store;
  private int seen;

  private void open(boolean ahead) throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 1 << 20, 0, true, ahead, 65536, 8, false);
    store = SegmentStore.open(StoreFixture.environment(disk, 5), options);
    seen = disk.calls().size();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void add() {
    StoreFixture.add(store, store.pendingLastIndex() + 1, "k", new byte[100]);
  }

  /** The calls since the last look that made something durable. */
  private List<Made> syncs() {
    List<Made> all = disk.calls();
    List<Made> since = all.subList(seen, all.size());
    seen = all.size();
    return since.stream().filter(Made::syncs).toList();
  }

  private static List<String> names(List<Made> calls) {
    return calls.stream().map(c -> c.call() + " " + c.name()).toList();
  }

  @Test
  void durableCommit_makesExactlyOneSync_withTheWrite() throws IOException {
    open(true);
    for (int i = 0; i < 10; i++) {
      add();
      store.commit(true);

      assertThat(names(syncs())).containsExactly("WRITE segment_0");
    }
  }

  @Test
  void durableCommit_behindUnsyncedBytes_coversTheFile_notJustItsRange() throws IOException {
    open(true);
    add();
    store.commit(true);
    add();
    store.commit(false);
    syncs();
    add();
    store.commit(true);

    assertThat(syncs()).extracting(Made::durability).containsExactly(Durability.FILE);

    add();
    store.commit(true);

    assertThat(syncs()).extracting(Made::durability).containsExactly(Durability.RANGE);
  }

  @Test
  void plainCommitAndRotation_syncNothing() throws IOException {
    open(false);
    add();
    store.commit(false);
    store.rotate();
    add();
    store.commit(false);

    assertThat(syncs()).isEmpty();
    assertThat(store.durableIndex()).isZero();
  }

  @Test
  void sync_coversEveryFileAndName_oldestFirst_thenTheDirectory() throws IOException {
    open(false);
    add();
    store.commit(false);
    store.rotate();
    add();
    store.commit(false);

    store.sync();

    assertThat(names(syncs()))
        .hasSize(3)
        .startsWith("SYNC segment_0", "SYNC segment_1")
        .last()
        .asString()
        .startsWith("SYNC_DIRECTORY");
    assertThat(store.durableIndex()).isEqualTo(2);
  }

  @Test
  void sync_whenRetentionHasMadeAllDurable_syncsNothing_andSaysSo() throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 1 << 20, 2, true, false, 65536, 8, false);
    store = SegmentStore.open(StoreFixture.environment(disk, 5), options);
    for (int i = 0; i < 3; i++) {
      if (i > 0) {
        store.rotate();
      }
      add();
      store.commit(false);
    }
    StoreFixture.runChores(store);
    seen = disk.calls().size();

    store.sync();

    assertThat(syncs()).isEmpty();
    assertThat(store.durableIndex()).isEqualTo(3);
  }

  @Test
  void rotationWithAPreparedFile_costsNoSyncOfItsOwn() throws IOException {
    open(true);
    add();
    store.commit(true);
    store.rotate(); // nothing was prepared yet: this one prepares the next
    add();
    store.commit(true);
    StoreFixture.runChores(store);
    syncs();

    store.rotate();
    add();
    store.commit(true);

    assertThat(syncs()).extracting(Made::call).containsExactly(Call.WRITE);
  }

  @Test
  void retention_syncsEverySegmentUpToItsHeader_beforeItRemovesAny() throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 1 << 20, 2, true, false, 65536, 8, false);
    store = SegmentStore.open(StoreFixture.environment(disk, 5), options);
    for (int i = 0; i < 5; i++) {
      add();
      store.commit(false);
      store.rotate();
    }
    add();
    store.commit(false);
    seen = disk.calls().size();

    StoreFixture.runChores(store);

    List<String> calls =
        disk.calls().subList(seen, disk.calls().size()).stream()
            .filter(c -> c.call() == Call.SYNC || c.call() == Call.DELETE)
            .map(c -> c.call() + " " + c.name())
            .toList();
    // A segment that is to go is synced too: until the header that says so is durable, it is part
    // of the log, and a hole in it would cut off what follows.
    for (int segment = 0; segment < 5; segment++) {
      assertThat(calls).contains("SYNC segment_" + segment);
    }
    for (int segment = 0; segment < 4; segment++) {
      assertThat(calls.indexOf("DELETE segment_" + segment))
          .isGreaterThan(calls.indexOf("SYNC segment_" + (segment + 1)));
    }
    assertThat(store.get(5)).isNotNull();
    assertThat(store.get(4)).isNull();
  }

  @Test
  void failedSync_isNotRepeated_andNothingMoreIsDurable() throws IOException {
    open(false);
    add();
    store.commit(false);
    disk.fail(Call.SYNC, disk.count(Call.SYNC) + 1, FaultyDisk.ioError("sync"));

    assertThatThrownBy(store::sync).isInstanceOf(IOException.class);

    assertThat(store.durableIndex()).isZero();
  }

  @Test
  void fault12_noRoomForTheBatch_isRefusedBeforeAnyByte_andTheStoreGoesOn() throws IOException {
    open(false);
    add();
    store.commit(false);
    int writes = disk.count(Call.WRITE);
    disk.failFrom(Call.RESERVE, disk.count(Call.RESERVE) + 1, FaultyDisk.diskFull("reserve"));
    StoreFixture.add(store, 2, "k", new byte[50_000]);
    for (int i = 3; i < 60; i++) {
      StoreFixture.add(store, i, "k", new byte[50_000]);
    }

    assertThatThrownBy(() -> store.commit(false)).isInstanceOf(NoSpaceException.class);

    assertThat(disk.count(Call.WRITE)).isEqualTo(writes);
    assertThat(store.pendingLastIndex()).isEqualTo(1);
    disk.heal();
    add();
    store.commit(true);
    assertThat(store.get(2)).isNotNull();
    assertThat(store.size()).isEqualTo(2);
  }
}
