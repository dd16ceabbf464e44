package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries taken away at both ends, or all: what is left, now and after opening again. */
@ParameterizedClass
@EnumSource(Body.class)
class TruncationTest {
  @TempDir Path base;

  @Parameter Body body;

  private FaultyDisk disk;
  private SegmentStore store;
  private Path dir;
  private int segmentsMax;
  private boolean sequential;
  private boolean ahead;

  /** How a life ends. */
  private enum End {
    CLOSED,
    KILLED
  }

  @BeforeEach
  void makeDisk() throws IOException {
    disk = new FaultyDisk(GatedDisk.withoutSyncs(body.disk()));
    dir = base.resolve("log");
  }

  @AfterEach
  void close() throws IOException {
    if (store != null) {
      store.close();
    }
  }

  private void open() throws IOException {
    StoreOptions options =
        new StoreOptions(
            dir,
            "segment_",
            5,
            16 * 1024,
            segmentsMax,
            sequential,
            ahead,
            64 * 1024,
            8,
            /* fullCheck= */ true);
    store = SegmentStore.open(StoreFixture.environment(disk, 7), options);
  }

  private void reopen(End end) throws IOException {
    if (end == End.CLOSED) {
      StoreFixture.runChores(store);
      store.finish();
    }
    store.close();
    open();
  }

  private void write(long index, String value, boolean toBeDurable) throws IOException {
    if (!store.fits(1, 100)) {
      store.rotate();
      StoreFixture.runChores(store);
    }
    StoreFixture.add(store, index, "k" + index, value.getBytes(StandardCharsets.UTF_8));
    store.commit(toBeDurable);
  }

  /** Entries in segments of five, whose values say which writing it was. */
  private void writeAll(long from, long to, String value) throws IOException {
    for (long index = from; index <= to; index++) {
      write(index, value, false);
    }
  }

  private void tombstone(long index) throws IOException {
    assertThat(store.addTombstone(index)).isTrue();
    store.commit(false);
  }

  private long truncateBefore(long firstKept) throws IOException {
    long kept = store.addTruncateBefore(firstKept);
    store.commit(false);
    return kept;
  }

  private void truncateAfter(long lastKept) throws IOException {
    store.addTruncateAfter(lastKept);
    store.commit(false);
  }

  private void reset(long nextIndex) throws IOException {
    store.addReset(nextIndex);
    store.commit(false);
  }

  private String value(long index) throws IOException {
    StoredEntry entry = store.get(index);
    if (entry == null) {
      return "absent";
    }
    String value = new String(entry.value(), StandardCharsets.UTF_8);
    return entry.tombstone() ? "tombstone" + value : value;
  }

  private static List<String> rest(EntryCursor cursor) throws IOException {
    List<String> rest = new ArrayList<>();
    for (StoredEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
      String value = new String(entry.value(), StandardCharsets.UTF_8);
      rest.add(entry.index() + " " + (entry.tombstone() ? "tombstone" + value : value));
    }
    return rest;
  }

  private List<Long> indexes() throws IOException {
    return List.copyOf(StoreFixture.read(store).keySet());
  }

  private void assertEnds(long first, long last, long size) throws IOException {
    assertThat(store.firstIndex()).isEqualTo(first);
    assertThat(store.lastIndex()).isEqualTo(last);
    assertThat(store.pendingLastIndex()).isEqualTo(last);
    assertThat(store.size()).isEqualTo(size);
    assertThat(StoreFixture.read(store)).hasSize((int) size);
  }

  private List<String> segments() throws IOException {
    return List.copyOf(LogFiles.content(dir).keySet());
  }

  // ---- before

  @ParameterizedTest
  @EnumSource(End.class)
  void truncateBefore_inTheMiddleOfASealedSegment_removesWhatIsBelow(End end) throws IOException {
    open();
    writeAll(1, 17, "v");

    assertThat(truncateBefore(8)).isEqualTo(8);

    for (int look = 0; look < 2; look++) {
      assertEnds(8, 17, 10);
      assertThat(store.floor()).isEqualTo(8);
      assertThat(store.contains(7)).isFalse();
      assertThat(store.get(7)).isNull();
      assertThat(value(8)).isEqualTo("v");
      assertThatThrownBy(() -> write(7, "again", true))
          .isInstanceOfSatisfying(
              NonSequentialIndexException.class, e -> assertThat(e.expected()).isEqualTo(8));
      assertThat(rest(store.cursor(0))).hasSize(10).startsWith("8 v");
      reopen(end);
    }
    assertThat(segments()).containsExactly("segment_1", "segment_2", "segment_3");
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void truncateBefore_aboveLastPlusOne_emptiesTheLog_andTheNextIndexIsKept(End end)
      throws IOException {
    sequential = true;
    open();
    writeAll(1, 12, "v");

    assertThat(truncateBefore(100)).isEqualTo(100);

    for (int look = 0; look < 3; look++) {
      assertEnds(100, 99, 0);
      assertThat(store.durableIndex()).isEqualTo(99);
      reopen(end);
    }
    assertThat(segments()).containsExactly("segment_2");
    assertThatThrownBy(() -> write(99, "v", true)).isInstanceOf(NonSequentialIndexException.class);
    assertThatThrownBy(() -> write(101, "v", true)).isInstanceOf(NonSequentialIndexException.class);
    write(100, "v", true);
    assertEnds(100, 100, 1);
  }

  @Test
  void truncateBefore_notAboveTheFloor_writesNothing() throws IOException {
    open();
    writeAll(1, 12, "v");
    truncateBefore(8);
    int writes = disk.count(Call.WRITE);

    assertThat(truncateBefore(8)).isEqualTo(8);
    assertThat(truncateBefore(3)).isEqualTo(8);
    assertThat(truncateBefore(0)).isEqualTo(8);

    assertThat(disk.count(Call.WRITE)).isEqualTo(writes);
    assertEnds(8, 12, 5);
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void truncateBefore_ofScatteredIndexes_keepsThoseAtAndAbove(End end) throws IOException {
    open();
    for (long index : new long[] {40, 10, 30, 20, 50, 5, 35, 15, 45, 25, 12}) {
      write(index, "v", false);
    }

    truncateBefore(21);

    for (int look = 0; look < 3; look++) {
      assertThat(indexes()).containsExactly(25L, 30L, 35L, 40L, 45L, 50L);
      assertEnds(25, 50, 6);
      assertThatThrownBy(() -> write(20, "v", true))
          .isInstanceOf(NonSequentialIndexException.class);
      assertThatThrownBy(() -> write(25, "v", true)).isInstanceOf(DuplicateIndexException.class);
      reopen(end);
    }
    write(21, "free", true);
    assertEnds(21, 50, 7);
  }

  @Test
  void truncateBefore_deletesASegment_onlyBehindTheSyncsThatCoverItsRecord() throws IOException {
    open();
    writeAll(1, 12, "v");
    int seen = disk.calls().size();

    truncateBefore(11);
    assertThat(segments()).containsExactly("segment_0", "segment_1", "segment_2");
    StoreFixture.runChores(store);

    List<String> calls =
        disk.calls().stream()
            .skip(seen)
            .filter(c -> c.syncs() || c.call() == Call.DELETE)
            .map(c -> c.call() + " " + Path.of(c.name()).getFileName())
            .toList();
    assertThat(calls)
        .containsExactly(
            "WRITE segment_2", "SYNC_DIRECTORY log", "DELETE segment_0", "DELETE segment_1");
    assertThat(store.counts().segmentsDeleted()).isEqualTo(2);
    assertThat(store.counts().segments()).isEqualTo(1);
  }

  @Test
  void truncateBefore_asTheFirstBatchOfASegment_deletesItsPredecessors() throws IOException {
    ahead = true;
    open();
    writeAll(1, 10, "v");
    store.rotate();

    truncateBefore(11);
    StoreFixture.runChores(store);

    assertEnds(11, 10, 0);
    assertThat(segments()).contains("segment_2").doesNotContain("segment_0", "segment_1");
    reopen(End.KILLED);
    assertEnds(11, 10, 0);
  }

  // ---- after

  @ParameterizedTest
  @EnumSource(End.class)
  void truncateAfter_inASealedSegment_theIndexesAboveAreFreeAgain(End end) throws IOException {
    sequential = true;
    open();
    writeAll(1, 17, "old");

    truncateAfter(8);

    assertEnds(1, 8, 8);
    assertThat(store.durableIndex()).isEqualTo(8);
    reopen(end);
    assertEnds(1, 8, 8);
    writeAll(9, 13, "new");
    for (int look = 0; look < 3; look++) {
      assertEnds(1, 13, 13);
      assertThat(value(8)).isEqualTo("old");
      assertThat(value(9)).isEqualTo("new");
      assertThat(value(13)).isEqualTo("new");
      assertThat(value(14)).isEqualTo("absent");
      reopen(end);
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void truncateAfter_anIndexNeverWritten_becomesTheLast(End end) throws IOException {
    open();
    for (long index : new long[] {10, 20, 30, 40, 50, 60, 15}) {
      write(index, "v", false);
    }

    truncateAfter(35);

    for (int look = 0; look < 3; look++) {
      assertThat(indexes()).containsExactly(10L, 15L, 20L, 30L);
      assertEnds(10, 35, 4);
      reopen(end);
    }
    write(36, "v", true);
    write(35, "v", true);
    assertEnds(10, 36, 6);
  }

  @Test
  void truncateAfter_atOrAboveLast_writesNothing() throws IOException {
    open();
    writeAll(1, 7, "v");
    int writes = disk.count(Call.WRITE);

    truncateAfter(7);
    truncateAfter(8);
    truncateAfter(Long.MAX_VALUE - 1);

    assertThat(disk.count(Call.WRITE)).isEqualTo(writes);
    assertEnds(1, 7, 7);
  }

  @Test
  void truncateAfter_belowFirstMinusOne_isRefused_andAtItEmptiesTheLog() throws IOException {
    open();
    writeAll(1, 12, "v");
    truncateBefore(8);

    assertThatThrownBy(() -> store.addTruncateAfter(6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("lastKept: 6 is out of range: the first index is 8, so at least 7");
    assertThat(store.pendingBytes()).isZero();
    assertEnds(8, 12, 5);

    truncateAfter(7);
    assertEnds(8, 7, 0);
    assertThatThrownBy(() -> store.addTruncateAfter(6))
        .isInstanceOf(IllegalArgumentException.class);
    reopen(End.CLOSED);
    assertEnds(8, 7, 0);
  }

  @Test
  void truncateAfter_thatEmptiesSegmentsAtTheFront_givesThemUp() throws IOException {
    open();
    for (long index : new long[] {101, 102, 103, 104, 105, 1, 2, 3}) {
      write(index, "v", false);
    }

    truncateAfter(50);
    StoreFixture.runChores(store);

    assertThat(segments()).containsExactly("segment_1");
    for (int look = 0; look < 2; look++) {
      assertEnds(1, 50, 3);
      assertThat(store.floor()).isZero();
      reopen(End.KILLED);
    }
  }

  @Test
  void truncateAfter_thatEmptiesSegmentsBehind_keepsTheirFilesUntilThoseBeforeGo()
      throws IOException {
    open();
    writeAll(1, 17, "v");

    truncateAfter(3);
    StoreFixture.runChores(store);

    assertThat(segments()).containsExactly("segment_0", "segment_1", "segment_2", "segment_3");
    writeAll(4, 6, "new");
    truncateBefore(4);
    StoreFixture.runChores(store);
    assertThat(segments()).containsExactly("segment_3");
    assertEnds(4, 6, 3);
  }

  // ---- reset

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 5, 13, 500})
  void reset_toAnyIndex_emptiesTheLog_andDeletesTheSegments(long next) throws IOException {
    sequential = true;
    open();
    writeAll(1, 12, "old");

    reset(next);
    StoreFixture.runChores(store);

    assertThat(segments()).containsExactly("segment_2");
    for (End end : End.values()) {
      assertEnds(next, next - 1, 0);
      assertThat(store.floor()).isEqualTo(next);
      reopen(end);
    }
    assertThatThrownBy(() -> write(next + 1, "new", true))
        .isInstanceOf(NonSequentialIndexException.class);
    writeAll(next, next + 7, "new");
    for (End end : End.values()) {
      assertEnds(next, next + 7, 8);
      assertThat(value(next)).isEqualTo("new");
      reopen(end);
    }
  }

  @Test
  void reset_toASmallerIndexThanTheFloor_freesTheIndexesBetween() throws IOException {
    open();
    writeAll(1, 12, "old");
    truncateBefore(10);

    reset(4);

    assertThatThrownBy(() -> write(3, "new", true)).isInstanceOf(NonSequentialIndexException.class);
    write(9, "new", true);
    write(4, "new", true);
    for (End end : End.values()) {
      assertEnds(4, 9, 2);
      reopen(end);
    }
  }

  // ---- what is written again

  /** Truncated and written again under the same index, in the same segment or another. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readers_madeBefore_seeWhatWasThere_andNeverWhatIsWrittenAgain(boolean scattered)
      throws IOException {
    open();
    long step = scattered ? 10 : 1;
    for (long i = 1; i <= 4; i++) {
      write(i * step, "old", false);
    }
    EntryCursor before = store.cursor(0);
    EntryCursor begun = store.cursor(0);
    begun.next();

    truncateAfter(2 * step);
    EntryCursor between = store.cursor(0);
    write(3 * step, "new", false);
    write(2 * step + (scattered ? 5 : 2), "new", false);

    String[] old =
        new String[] {
          step + " old", 2 * step + " old", 3 * step + " old", 4 * step + " old",
        };
    assertThat(rest(before)).containsExactly(old);
    assertThat(rest(begun)).containsExactly(old[1], old[2], old[3]);
    assertThat(rest(between)).containsExactly(old[0], old[1]);
    assertThat(rest(store.cursor(3 * step))).first().isEqualTo(3 * step + " new");
  }

  @Test
  void reader_madeBefore_ofAResetLog_doesNotSeeTheNewEntries() throws IOException {
    open();
    writeAll(1, 3, "old");
    EntryCursor before = store.cursor(0);

    reset(1);
    EntryCursor between = store.cursor(0);
    writeAll(1, 4, "new");

    assertThat(rest(before)).containsExactly("1 old", "2 old", "3 old");
    assertThat(rest(between)).isEmpty();
    assertThat(rest(store.cursor(0))).containsExactly("1 new", "2 new", "3 new", "4 new");
  }

  @Test
  void reader_madeBefore_keepsTheTombstonesItSaw_andGetsNoLaterOnes() throws IOException {
    open();
    writeAll(1, 4, "old");
    tombstone(3);
    EntryCursor before = store.cursor(0);

    truncateAfter(2);
    write(3, "new", false);
    write(4, "new", false);
    tombstone(4);

    assertThat(rest(before)).containsExactly("1 old", "2 old", "3 tombstone", "4 old");
    assertThat(value(3)).isEqualTo("new");
    assertThat(value(4)).isEqualTo("tombstone");
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void indexWrittenAgain_hasNoTombstone_whereverTheOldOneLay(End end) throws IOException {
    open();
    writeAll(1, 8, "old"); // 1 to 5 are sealed
    tombstone(2);
    tombstone(4);
    tombstone(6);
    tombstone(7);
    truncateAfter(3);
    writeAll(4, 9, "new");
    tombstone(6);

    for (int look = 0; look < 3; look++) {
      assertThat(value(2)).isEqualTo("tombstone");
      assertThat(value(3)).isEqualTo("old");
      assertThat(value(4)).isEqualTo("new");
      assertThat(value(6)).isEqualTo("tombstone");
      assertThat(value(7)).isEqualTo("new");
      assertEnds(1, 9, 9);
      reopen(end);
    }
    assertThat(store.addTombstone(6)).isFalse();
    assertThat(store.addTombstone(7)).isTrue();
  }

  @Test
  void reader_whoseSegmentIsGone_getsCompacted() throws IOException {
    open();
    writeAll(1, 12, "v");
    EntryCursor before = store.cursor(0);

    truncateBefore(11);
    StoreFixture.runChores(store);

    assertThatThrownBy(before::next)
        .isInstanceOf(CompactedException.class)
        .hasMessageContaining("segment_0")
        .hasMessageContaining("oldest segment left is 2");
    assertThatThrownBy(before::next).isInstanceOf(CompactedException.class);
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void truncations_manyInOneSegment_areAppliedInOrder(End end) throws IOException {
    open();
    writeAll(1, 7, "a");
    truncateAfter(3);
    writeAll(4, 5, "b");
    truncateAfter(4);
    truncateBefore(2);
    write(5, "c", false);
    reset(3);
    write(3, "d", false);
    truncateBefore(3);
    write(9, "d", false);
    truncateAfter(5);
    write(6, "e", false);

    for (int look = 0; look < 3; look++) {
      assertThat(rest(store.cursor(0))).containsExactly("3 d", "6 e");
      assertEnds(3, 6, 2);
      reopen(end);
    }
  }

  @Test
  void readOnly_showsWhatTruncationLeft_besideTheWriter() throws IOException {
    open();
    writeAll(1, 12, "v");
    truncateBefore(4);
    truncateAfter(9);

    try (ReadOnlyStore reader =
        ReadOnlyStore.open(StoreFixture.environment(disk, 9), dir, "segment_")) {
      assertThat(reader.firstIndex()).isEqualTo(4);
      assertThat(reader.lastIndex()).isEqualTo(9);
      assertThat(StoreFixture.read(reader)).isEqualTo(StoreFixture.read(store)).hasSize(6);
    }
  }

  // ---- not done

  @Test
  void truncation_thatIsDiscarded_changesNothing() throws IOException {
    open();
    writeAll(1, 12, "v");

    store.addTruncateBefore(8);
    store.discard();
    store.savepoint();
    store.addReset(3);
    store.rollback();
    store.commit(true);

    assertEnds(1, 12, 12);
    assertThat(store.floor()).isZero();
    assertThat(store.hold(2).fromIndex()).isEqualTo(2);
    reopen(End.CLOSED);
    assertEnds(1, 12, 12);
  }

  @Test
  void truncation_withoutSpace_changesNothing_andCanBeDoneLater() throws IOException {
    open();
    writeAll(1, 12, "v");
    store.rotate();
    int reserves = disk.count(Call.RESERVE);
    disk.failFrom(Call.RESERVE, reserves + 1, FaultyDisk.diskFull("reserve"));

    store.addTruncateBefore(8);
    assertThatThrownBy(() -> store.commit(false)).isInstanceOf(NoSpaceException.class);
    assertThat(store.pendingBytes()).isZero();
    store.addReset(5);
    assertThatThrownBy(() -> store.commit(false)).isInstanceOf(NoSpaceException.class);

    assertEnds(1, 12, 12);
    EntryStore.Hold hold = store.hold(2);
    assertThat(hold.fromIndex()).isEqualTo(2);
    assertThat(hold.oldestSegment()).isZero();
    hold.release();
    disk.heal();
    write(13, "v", false);
    assertThat(truncateBefore(8)).isEqualTo(8);
    assertEnds(8, 13, 6);
  }

  @Test
  void truncation_whoseTableCannotBeRead_isRefused_andCanBeDoneLater() throws IOException {
    open();
    writeAll(1, 17, "v");
    StoreFixture.runChores(store);
    store.finish();
    store.close();
    StoreOptions options =
        new StoreOptions(dir, "segment_", 5, 16 * 1024, 0, false, false, 65536, 8, false);
    store = SegmentStore.open(StoreFixture.environment(disk, 7), options);
    disk.fail(Call.READ, disk.count(Call.READ) + 1, FaultyDisk.ioError("read"));

    store.savepoint();
    assertThatThrownBy(() -> store.addTruncateBefore(8))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Input/output error");
    store.rollback();

    assertEnds(1, 17, 17);
    EntryStore.Hold hold = store.hold(2);
    assertThat(hold.fromIndex()).isEqualTo(2);
    hold.release();
    assertThat(truncateBefore(8)).isEqualTo(8);
    assertEnds(8, 17, 10);
  }
}
