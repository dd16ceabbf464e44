package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is held stays: against truncation, against retention, and its files against reset. */
class HoldsTest {
  private static final int SEGMENT_ENTRIES = 5;

  @TempDir Path base;

  private SegmentStore store;
  private Path dir;

  @BeforeEach
  void open() throws IOException {
    dir = base.resolve("log");
    open(0);
  }

  private void open(int segmentsMax) throws IOException {
    Disk disk = GatedDisk.withoutSyncs(Body.JAVA.disk());
    StoreOptions options =
        new StoreOptions(
            dir, "segment_", SEGMENT_ENTRIES, 16384, segmentsMax, false, true, 65536, 8, false);
    store = SegmentStore.open(StoreFixture.environment(disk, 7), options);
  }

  private void reopen(int segmentsMax) throws IOException {
    store.close();
    open(segmentsMax);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void writeAll(long from, long to) throws IOException {
    for (long index = from; index <= to; index++) {
      if (!store.fits(1, 100)) {
        store.rotate();
      }
      StoreFixture.add(store, index, "k", "v".getBytes(StandardCharsets.UTF_8));
      store.commit(true);
      StoreFixture.runChores(store);
    }
  }

  private long truncateBefore(long firstKept) throws IOException {
    long kept = store.addTruncateBefore(firstKept);
    store.commit(true);
    StoreFixture.runChores(store);
    return kept;
  }

  private List<String> segments() throws IOException {
    return LogFiles.content(dir).keySet().stream()
        .filter(name -> Integer.parseInt(name.substring(8)) <= store.counts().rotations())
        .toList();
  }

  // ---- truncation

  @Test
  void truncateBefore_goesToTheLowestHold_andOnWhenItIsGivenUp() throws IOException {
    writeAll(1, 17);
    EntryStore.Hold high = store.hold(12);
    EntryStore.Hold low = store.hold(7);
    assertThat(store.holds()).containsExactly(7L, 12L);

    assertThat(truncateBefore(15)).isEqualTo(7);
    assertThat(store.firstIndex()).isEqualTo(7);
    assertThat(truncateBefore(15)).isEqualTo(7);
    low.release();
    assertThat(truncateBefore(15)).isEqualTo(12);
    assertThat(segments()).containsExactly("segment_2", "segment_3");
    low.release();
    assertThat(store.holds()).containsExactly(12L);
    high.release();
    assertThat(truncateBefore(15)).isEqualTo(15);

    assertThat(store.holds()).isEmpty();
    assertThat(store.firstIndex()).isEqualTo(15);
  }

  @Test
  void truncateBefore_beyondLast_withAHold_stopsThere() throws IOException {
    writeAll(1, 7);
    store.hold(6);

    assertThat(truncateBefore(100)).isEqualTo(6);

    assertThat(store.lastIndex()).isEqualTo(7);
    assertThat(store.size()).isEqualTo(2);
  }

  @Test
  void hold_ofAnIndexNotWrittenYet_countsOnceItIs() throws IOException {
    writeAll(1, 7);
    store.hold(9);

    writeAll(8, 12);

    assertThat(truncateBefore(12)).isEqualTo(9);
    assertThat(store.firstIndex()).isEqualTo(9);
  }

  @Test
  void hold_belowTheFloor_beginsAtTheFloor() throws IOException {
    writeAll(1, 17);
    truncateBefore(8);

    EntryStore.Hold hold = store.hold(3);

    assertThat(hold.fromIndex()).isEqualTo(8);
    assertThat(hold.oldestSegment()).isEqualTo(1);
    assertThat(truncateBefore(17)).isEqualTo(8);
  }

  /** Between the decision how far to go and the write that does it. */
  @Test
  void hold_takenWhileATruncationIsUnderWay_beginsBehindIt() throws IOException {
    writeAll(1, 17);
    assertThat(store.addTruncateBefore(12)).isEqualTo(12);

    EntryStore.Hold hold = store.hold(3);

    assertThat(hold.fromIndex()).isEqualTo(12);
    assertThat(hold.oldestSegment()).isEqualTo(2);
    store.commit(true);
    StoreFixture.runChores(store);
    assertThat(store.firstIndex()).isEqualTo(12);
    assertThat(segments()).containsExactly("segment_2", "segment_3");
    assertThat(truncateBefore(17)).isEqualTo(12);
  }

  @Test
  void truncateAfter_isNotStopped_andKeepsTheFilesHeld() throws IOException {
    for (long index : new long[] {101, 102, 103, 104, 105, 1, 2, 3}) {
      writeAll(index, index);
    }
    EntryStore.Hold hold = store.hold(100);

    store.addTruncateAfter(50);
    store.commit(true);
    StoreFixture.runChores(store);

    assertThat(store.size()).isEqualTo(3);
    assertThat(segments()).containsExactly("segment_0", "segment_1");
    hold.release();
    truncateBefore(2);
    assertThat(segments()).containsExactly("segment_1");
  }

  // ---- reset

  @Test
  void reset_isNotStopped_andKeepsTheFilesHeld_untilALaterTruncation() throws IOException {
    writeAll(1, 17);
    EntryStore.Hold hold = store.hold(8);

    store.addReset(100);
    store.commit(true);
    StoreFixture.runChores(store);

    assertThat(store.size()).isZero();
    assertThat(segments()).containsExactly("segment_1", "segment_2", "segment_3");
    assertThat(store.holds()).containsExactly(8L);
    hold.release();
    writeAll(100, 107);
    truncateBefore(101);
    assertThat(segments()).containsExactly("segment_3", "segment_4");
  }

  // ---- retention

  @Test
  void retention_deletesNothingThatIsHeld_andAllOfItLater() throws IOException {
    reopen(2);
    writeAll(1, 10);
    EntryStore.Hold hold = store.hold(7);

    writeAll(11, 27);
    assertThat(store.firstIndex()).isEqualTo(6); // the segment of index 7
    assertThat(store.counts().segments()).isEqualTo(5);
    hold.release();
    assertThat(store.firstIndex()).isEqualTo(6);
    writeAll(28, 31);

    assertThat(store.firstIndex()).isEqualTo(26);
    assertThat(store.counts().segments()).isEqualTo(2);
  }

  @Test
  void retention_ofScatteredIndexes_keepsEverySegmentWithAnIndexHeld() throws IOException {
    reopen(1);
    writeAll(1, 4);
    writeAll(90, 90);
    EntryStore.Hold hold = store.hold(50);

    writeAll(5, 22);

    assertThat(hold.oldestSegment()).isZero();
    assertThat(store.contains(90)).isTrue();
    assertThat(store.firstIndex()).isEqualTo(1);
    assertThat(store.counts().segmentsDeleted()).isZero();
  }

  @Test
  void hold_takenBehindARotation_doesNotClaimWhatItGaveUp() throws IOException {
    reopen(1);
    writeAll(1, 5);
    store.rotate(); // the header that says so is not written yet

    EntryStore.Hold hold = store.hold(1);

    assertThat(store.size()).isZero();
    assertThat(hold.oldestSegment()).isEqualTo(1);
  }
}
