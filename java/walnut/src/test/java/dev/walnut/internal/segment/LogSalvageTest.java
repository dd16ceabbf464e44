package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogLockedException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What salvage keeps, what it leaves alone, and what it tells. */
class LogSalvageTest {
  @TempDir Path base;

  private Disk disk;
  private Path dir;

  private SmallLog log(Body body) throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    dir = base.resolve("log");
    return SmallLog.plain(disk, dir);
  }

  private TreeMap<Long, String> threeSegments(Body body) throws IOException {
    return log(body).durable(3).rotate().chores().durable(3).rotate().chores().durable(3).close();
  }

  private Path segment(int number) {
    return dir.resolve("segment_" + number);
  }

  private void damageEntry(int number, int batch) throws IOException {
    byte[] bytes = Files.readAllBytes(segment(number));
    LogFiles.flip(segment(number), LogFiles.batches(bytes).get(batch).end() - 12, 4);
  }

  private static SalvageOutcome.Kept kept(SalvageOutcome outcome) {
    return Objects.requireNonNull(outcome.harvest());
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_intactLog_isLeftAlone(Body body) throws IOException {
    threeSegments(body);
    TreeMap<String, String> before = LogFiles.digest(dir);

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(outcome.harvest()).isNull();
    assertThat(outcome.applied()).isFalse();
    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_tornTail_isLeftAlone(Body body) throws IOException {
    log(body).durable(2).mark().unsynced(1).kill();
    byte[] bytes = Files.readAllBytes(segment(0));
    LogFiles.flip(segment(0), LogFiles.dataEnd(bytes) - 4, 1);
    TreeMap<String, String> before = LogFiles.digest(dir);

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(outcome.harvest()).isNull();
    assertThat(outcome.verification().places())
        .singleElement()
        .matches(place -> !place.isDamage() && place.file().equals(segment(0)));
    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_dryRun_tellsAndWritesNothing(Body body) throws IOException {
    threeSegments(body);
    damageEntry(1, 1);
    Files.delete(dir.resolve("segment_lock"));
    TreeMap<String, String> before = LogFiles.digest(dir);

    SalvageOutcome outcome = SalvageFixture.dryRun(disk, dir);

    assertThat(kept(outcome).entries()).isEqualTo(8);
    assertThat(kept(outcome).firstIndex()).isEqualTo(1);
    assertThat(kept(outcome).lastIndex()).isEqualTo(9);
    assertThat(kept(outcome).missing()).containsExactly(new IndexRange(5, 5));
    assertThat(kept(outcome).uncertain()).as("the footer tells all effects").isEmpty();
    assertThat(outcome.applied()).isFalse();
    assertThat(LogFiles.digest(dir)).isEqualTo(before);
    assertThat(dir.resolve("segment_lock")).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_apply_keepsTheRest_andTheLogGoesOn_sequentially(Body body) throws IOException {
    TreeMap<Long, String> entries = threeSegments(body);
    damageEntry(1, 1);
    byte[] old = Files.readAllBytes(segment(1));

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(outcome.quarantine()).isEqualTo(dir.resolve("segment_quarantine_3"));
    assertThat(dir.resolve("segment_quarantine_3/segment_1")).hasBinaryContent(old);
    entries.remove(5L);
    StoreOptions sequential =
        new StoreOptions(dir, "segment_", 0, 16 * 1024, 0, true, false, 16 * 1024, 8, true);
    try (SegmentStore store = SegmentStore.open(StoreFixture.environment(disk, 3), sequential)) {
      assertThat(StoreFixture.read(store)).isEqualTo(entries);
      assertThat(store.lastIndex()).isEqualTo(9);
      StoreFixture.add(store, 10, "next", new byte[3]);
      store.commit(true);
    }
    assertThat(SalvageFixture.entries(disk, dir)).hasSize(9).containsKey(10L);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault22_missingMiddleFile_isTold_andTheRestIsKept(Body body) throws IOException {
    TreeMap<Long, String> entries = threeSegments(body);
    Files.delete(segment(1));

    Verification verification = SalvageFixture.verify(disk, dir);
    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(verification.places())
        .filteredOn(DamageFacts::isDamage)
        .singleElement()
        .matches(place -> place.file().equals(segment(1)) && place.offset() == 0)
        .matches(place -> place.firstIndex() == 4);
    entries.subMap(4L, 7L).clear();
    assertThat(SalvageFixture.entries(disk, dir)).isEqualTo(entries);
    assertThat(kept(outcome).missing()).containsExactly(new IndexRange(4, 6));
    assertThat(kept(outcome).uncertain())
        .containsExactly(new Uncertain(segment(1), 0, -1, 3, 1, 3));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault21_missingFirstFile_isTold_andTheRestIsKept(Body body) throws IOException {
    TreeMap<Long, String> entries = threeSegments(body);
    Files.delete(segment(0));

    assertThat(SalvageFixture.verify(disk, dir).places())
        .filteredOn(DamageFacts::isDamage)
        .extracting(DamageFacts::file)
        .contains(segment(0));
    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    entries.headMap(4L).clear();
    assertThat(SalvageFixture.entries(disk, dir)).isEqualTo(entries);
    assertThat(kept(outcome).uncertain()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_foreignAndMisnamedFiles_areSetAside(Body body) throws IOException {
    TreeMap<Long, String> entries = threeSegments(body);
    Path other = base.resolve("other");
    SmallLog.plain(disk, other).durable(1).close();
    Files.copy(other.resolve("segment_0"), segment(7));
    Files.copy(segment(1), segment(8));
    Files.writeString(segment(1).resolveSibling("segment_x"), "not ours");

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(kept(outcome).ignored()).containsExactlyInAnyOrder(segment(7), segment(8));
    assertThat(SalvageFixture.entries(disk, dir)).isEqualTo(entries);
    assertThat(SalvageFixture.names(dir.resolve("segment_quarantine_9")))
        .containsExactly("segment_0", "segment_1", "segment_2", "segment_7", "segment_8");
    assertThat(dir.resolve("segment_x")).hasContent("not ours");
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_misnamedOnlyCopy_isRead(Body body) throws IOException {
    TreeMap<Long, String> entries = threeSegments(body);
    Files.move(segment(1), segment(8));

    SalvageFixture.apply(disk, dir);

    assertThat(SalvageFixture.entries(disk, dir)).isEqualTo(entries);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_everythingDestroyed_leavesAnEmptyLogThatGoesOn(Body body) throws IOException {
    threeSegments(body);
    for (int number = 0; number < 3; number++) {
      byte[] bytes = Files.readAllBytes(segment(number));
      for (int i = Format.HEADER_BYTES; i < bytes.length; i++) {
        bytes[i] = (byte) (i * 31 + 7);
      }
      Files.write(segment(number), bytes);
    }

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(kept(outcome).entries()).isZero();
    try (SegmentStore store = SmallLog.openFully(disk, dir)) {
      assertThat(store.size()).isZero();
      assertThat(store.lastIndex()).as("by the last header").isEqualTo(6);
    }
  }

  // ---- effects

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_tombstones_areKept_alsoThoseThatOnlyAFooterTells(Body body) throws IOException {
    log(body).durable(3).kill();
    SegmentStore store = SmallLog.open(disk, dir);
    store.addTombstone(2);
    store.commit(true);
    store.rotate();
    StoreFixture.runChores(store);
    store.addTombstone(3);
    StoreFixture.add(store, 4, "four", new byte[40]);
    store.commit(true);
    store.rotate();
    StoreFixture.runChores(store);
    store.finish();
    TreeMap<Long, String> entries = StoreFixture.read(store);
    store.close();
    int tombstone = Format.HEADER_BYTES + Format.BATCH_HEADER_BYTES;
    LogFiles.flip(segment(1), tombstone, 1);

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(kept(outcome).tombstones()).isEqualTo(2);
    assertThat(kept(outcome).uncertain()).isEmpty();
    assertThat(SalvageFixture.entries(disk, dir)).isEqualTo(entries);
  }

  private void layOut(boolean footer) throws IOException {
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1, 2, 3, 4, 5, 6, 7, 8);
    if (footer) {
      first.footer(8);
    }
    first.writeIn(dir);
    SegmentLayout second = new SegmentLayout(first.next(8, new IndexBounds(0, 8)));
    second.truncateAfter(6).end(8);
    second.truncateBefore(3, 0).end(9);
    second.batch(10, 7, 20, 21);
    second.mark(5).endMark(13);
    second.writeIn(dir);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_truncationsAtBothEnds_areApplied(Body body) throws IOException {
    log(body).kill();
    layOut(/* footer= */ false);
    TreeMap<Long, String> entries = SalvageFixture.entries(disk, dir);
    layOut(/* footer= */ true);
    LogFiles.flip(segment(0), Format.HEADER_BYTES + Format.BATCH_HEADER_BYTES + 20, 1);

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(entries).containsOnlyKeys(3L, 4L, 5L, 6L, 7L, 20L, 21L);
    assertThat(SalvageFixture.entries(disk, dir)).isEqualTo(entries);
    assertThat(kept(outcome).uncertain()).as("nothing was written before").isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_lostTruncation_isUncertain_andTheLaterOfTwoStays(Body body) throws IOException {
    log(body).kill();
    layOut(/* footer= */ false);
    int truncation = Format.HEADER_BYTES + Format.BATCH_HEADER_BYTES;
    LogFiles.flip(segment(1), truncation + 10, 1);

    SalvageOutcome outcome = SalvageFixture.apply(disk, dir);

    assertThat(SalvageFixture.entries(disk, dir))
        .containsOnlyKeys(3L, 4L, 5L, 6L, 7L, 8L, 20L, 21L);
    assertThat(kept(outcome).uncertain())
        .singleElement()
        .matches(u -> u.file().equals(segment(1)) && u.from() == truncation)
        .matches(u -> u.firstIndex() == 3 && u.lastIndex() == 8);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_reset_isApplied(Body body) throws IOException {
    log(body).kill();
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1, 2, 3);
    first.reset(100).end(3);
    first.batch(4, 100, 101);
    first.batch(6, 102);
    first.mark(5).endMark(7);
    first.writeIn(dir);
    LogFiles.flip(segment(0), Format.HEADER_BYTES + Format.BATCH_HEADER_BYTES + 14, 1);

    SalvageFixture.apply(disk, dir);

    try (SegmentStore store = SmallLog.openFully(disk, dir)) {
      assertThat(StoreFixture.read(store)).containsOnlyKeys(100L, 101L, 102L);
      assertThat(store.lastIndex()).isEqualTo(102);
      assertThatThrownBy(() -> StoreFixture.add(store, 50, "below", new byte[0]))
          .hasMessageContaining("100");
    }
  }

  // ---- refusals

  /** The next header alone tells of it: it says that there was no entry, of no index. */
  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_lostResetToZero_bringsNothingBack(Body body) throws IOException {
    log(body).durable(3).kill();
    try (SegmentStore store = SmallLog.openFully(disk, dir)) {
      store.addReset(0);
      store.commit(true);
      store.rotate();
      StoreFixture.add(store, 0, "k", new byte[] {1});
      store.commit(true);
    }
    byte[] bytes = Files.readAllBytes(segment(0));
    int reset = LogFiles.batches(bytes).size() - 1;
    LogFiles.flip(segment(0), LogFiles.batches(bytes).get(reset).end() - 12, 4);

    SalvageFixture.apply(disk, dir);

    assertThat(SalvageFixture.entries(disk, dir)).containsOnlyKeys(0L);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_newerFormat_isRefused_andNothingChanged(Body body) throws IOException {
    threeSegments(body);
    damageEntry(1, 1);
    byte[] header = Files.readAllBytes(segment(2));
    LogFiles.restamp(header, 8, 2);
    Files.write(segment(2), header);
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> SalvageFixture.apply(disk, dir))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining(segment(2).toString());

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_openLog_isRefused_butADryRunIsNot(Body body) throws IOException {
    threeSegments(body);
    try (SegmentStore store = SmallLog.open(disk, dir)) {
      assertThat(store.size()).isEqualTo(9);

      assertThatThrownBy(() -> SalvageFixture.apply(disk, dir))
          .isInstanceOf(LogLockedException.class);
      assertThat(SalvageFixture.dryRun(disk, dir).harvest()).isNull();
    }
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void open_besideAnInterruptedSwap_isRefusedByEveryWayIn(Body body) throws IOException {
    threeSegments(body);
    Files.writeString(dir.resolve("segment_swap"), "not a whole note");

    assertThatThrownBy(() -> SmallLog.open(disk, dir))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("run salvage again");
    assertThatThrownBy(() -> ReadOnlyStore.open(StoreFixture.environment(disk, 1), dir, "segment_"))
        .hasMessageContaining("run salvage again");
    assertThatThrownBy(() -> SalvageFixture.verify(disk, dir))
        .hasMessageContaining("run salvage again");
    SalvageFixture.apply(disk, dir);
    assertThat(SalvageFixture.entries(disk, dir)).hasSize(9);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void salvage_twice_keepsBothQuarantines(Body body) throws IOException {
    threeSegments(body);
    damageEntry(1, 1);
    SalvageFixture.apply(disk, dir);
    SmallLog.plain(disk, dir).durable(1).close();
    damageEntry(4, 0);

    SalvageFixture.apply(disk, dir);

    assertThat(SalvageFixture.names(dir)).contains("segment_quarantine_3", "segment_quarantine_6");
    assertThat(SalvageFixture.entries(disk, dir)).doesNotContainKeys(5L, 6L).hasSize(8);
  }
}
