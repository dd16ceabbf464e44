package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up fails nothing that can do without the room. */
class NearlyFullDiskTest {
  @TempDir Path base;

  private FaultyDisk disk;

  @BeforeEach
  void makeDisk() {
    disk = new FaultyDisk(Disks.java());
  }

  private SegmentStore open(boolean ahead) throws IOException {
    StoreOptions options =
        new StoreOptions(base, "segment_", 0, 4 << 20, 0, false, ahead, 64 * 1024, 8, false);
    return SegmentStore.open(StoreFixture.environment(disk, 1), options);
  }

  private static void put(SegmentStore store, long index, int bytes, boolean durable)
      throws IOException {
    byte[] value = "x".repeat(bytes).getBytes(StandardCharsets.UTF_8);
    StoreFixture.add(store, index, "key", value);
    store.commit(durable);
  }

  private void fillUp() {
    disk.failFrom(Call.WRITE, disk.count(Call.WRITE) + 1, FaultyDisk.diskFull("write"));
    disk.failFrom(Call.RESERVE, disk.count(Call.RESERVE) + 1, FaultyDisk.diskFull("reserve"));
  }

  @Test
  void fault12_noRoomForAMark_isNoFailure_andNothingOfItStaysInTheBatch() throws IOException {
    SegmentStore store = open(false);
    disk.fail(Call.RESERVE, 1, FaultyDisk.diskFull("reserve")); // the step; then the batch alone
    disk.fail(Call.WRITE, disk.count(Call.WRITE) + 1, FaultyDisk.diskFull("write")); // so for zeros
    put(store, 1, 100, false);
    store.sync();
    assertThat(store.markDue()).isTrue();
    fillUp();

    store.mark();

    assertThat(store.markDue()).isFalse();
    assertThat(store.pendingBytes()).isZero();
    disk.heal();
    put(store, 2, 100, true);
    store.close();
    SegmentStore again = open(false);
    assertThat(again.size()).isEqualTo(2);
    again.close();
  }

  @Test
  void fault12_noRoomForMarkAndFooter_closesAllTheSame() throws IOException {
    SegmentStore store = open(true);
    put(store, 1, 100, true);
    fillUp();

    store.finish();
    store.close();

    disk.heal();
    SegmentStore again = open(true);
    assertThat(again.size()).isEqualTo(1);
    again.close();
  }

  /** Room is taken in steps; that a step does not fit says nothing about the batch. */
  @Test
  void fault12_roomForTheBatchButNotForAStep_isWritten() throws IOException {
    SegmentStore store = open(true);
    put(store, 1, 100, true); // makes room for more
    while (store.counts().bytesWritten() < 300_000) {
      disk.fail(Call.WRITE, disk.count(Call.WRITE) + 2, FaultyDisk.diskFull("write"));
      long index = store.pendingLastIndex() + 1;
      int writes = disk.count(Call.WRITE);

      put(store, index, 10_000, true); // the second write, if there is one, is a step

      disk.heal();
      assertThat(store.lastIndex())
          .as("%d writes", disk.count(Call.WRITE) - writes)
          .isEqualTo(index);
    }
    store.close();
  }

  @Test
  void fault12_reservationOfAStepFails_reservesTheBatchAlone() throws IOException {
    SegmentStore store = open(false);
    disk.fail(Call.RESERVE, disk.count(Call.RESERVE) + 1, FaultyDisk.diskFull("reserve"));

    for (int i = 1; i <= 20; i++) {
      put(store, i, 60_000, false);
    }

    assertThat(store.lastIndex()).isEqualTo(20);
    store.close();
  }
}
