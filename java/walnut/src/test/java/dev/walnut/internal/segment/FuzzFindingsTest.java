package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fuzzing found, each made by hand. */
class FuzzFindingsTest {
  @TempDir Path base;

  private Verification verify() throws IOException {
    return SalvageFixture.verify(Disks.java(), base);
  }

  /** A torn end, and behind it bytes under the highest number there is. */
  @Test
  void open_highestNumberTaken_refusesAndChangesNothing() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    layout.writeIn(base);
    byte[] noSegment = {1, 2, 3};
    Files.write(base.resolve("segment_" + SegmentNames.NUMBER_MAX), noSegment);
    var before = LogFiles.digest(base);

    assertThatThrownBy(() -> SmallLog.open(Disks.java(), base))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("no higher number is left");

    assertThat(LogFiles.digest(base)).isEqualTo(before);
  }

  /** A sealed segment in front of another; its records are what no writer leaves. */
  private void sealed(SegmentLayout first, long lastIndex) throws IOException {
    long durable = first.lastSequence();
    first.footer(durable);
    first.writeIn(base);
    SegmentLayout next = new SegmentLayout(first.next(durable, new IndexBounds(0, lastIndex)));
    next.batch(durable, lastIndex + 1);
    next.writeIn(base);
  }

  private void assertVerifiedAsOpened(int offset, String expected) throws IOException {
    assertThatThrownBy(() -> SmallLog.openFully(Disks.java(), base))
        .isInstanceOfSatisfying(
            CorruptLogException.class, e -> assertThat(e.offset()).isEqualTo(offset));

    Verification verification = verify();

    assertThat(verification.damaged()).isTrue();
    assertThat(verification.places())
        .anySatisfy(
            place -> {
              assertThat(place.offset()).isEqualTo(offset);
              assertThat(place.expected()).isEqualTo(expected);
            });
    assertThat(SalvageFixture.apply(Disks.java(), base).applied()).isTrue();
    SmallLog.openFully(Disks.java(), base).close();
  }

  @Test
  void verify_recordLongerThanItsBatch_isCorrupt() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    int batch = layout.batch(0, 1, 2, 9);
    int record = batch + Format.BATCH_HEADER_BYTES;
    layout.putInt(record + 4, 228).stampRecord(record);
    layout.stampBatch(batch);

    sealed(layout, 9);

    assertVerifiedAsOpened(record, "a record of at most 72 bytes");
  }

  @Test
  void verify_bytesOfNoRecordInABatch_areCorrupt() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    int batch = layout.batch(0, 1, 2);
    layout.putInt(batch + 12, 1).stampBatch(batch);

    sealed(layout, 2);

    assertVerifiedAsOpened(batch + Format.BATCH_HEADER_BYTES + 24, "padding up to offset 4192");
  }

  @Test
  void verify_truncationThatNamesAnUnbornSegment_isCorrupt() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    layout.record(Format.TYPE_TRUNCATE_BEFORE, HexFormat.of().parseHex("920263")).end(2);

    sealed(layout, 2);

    assertVerifiedAsOpened(layout.end() - 16, "an oldest segment up to 0");
  }

  /** The newest header names a predecessor of which there is only one of another life. */
  @Test
  void unsafeRecover_newestHeaderOfAnotherLife_leavesALogThatOpens() throws IOException {
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1, 2);
    first.writeIn(base);
    SegmentLayout second = new SegmentLayout(first.next(2, new IndexBounds(0, 2)));
    second.batch(2, 3);
    second.writeIn(base);
    SegmentLayout third = new SegmentLayout(second.next(3, new IndexBounds(0, 3)));
    third.batch(3, 4);
    third.putInt(12, Format.FLAG_COMMIT).putLong(80, 77).stampHeader();
    third.writeIn(base);
    LogFiles.flip(base.resolve("segment_0"), Format.HEADER_BYTES + 60, 1);
    assertThatThrownBy(() -> SmallLog.openFully(Disks.java(), base))
        .isInstanceOf(CorruptLogException.class);

    UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 5), base, "segment_");

    assertThat(SalvageFixture.entries(Disks.java(), base)).containsOnlyKeys(3L);
  }

  /** Behind a torn segment lies one that no opening can read. */
  @Test
  void unsafeRecover_undecodableSegmentBehindATornOne_leavesALogThatOpens() throws IOException {
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1);
    first.putLong(64, 65).stampHeader(); // its own batch does not follow
    first.writeIn(base);
    SegmentLayout second = new SegmentLayout(first.next(1, new IndexBounds(0, 1)));
    int batch = second.batch(1, 2, 3);
    int record = batch + Format.BATCH_HEADER_BYTES;
    second.putInt(record + 4, 228).stampRecord(record);
    second.stampBatch(batch);
    second.writeIn(base);
    new SegmentLayout(second.next(3, new IndexBounds(0, 3))).writeIn(base);
    assertThatThrownBy(() -> SmallLog.openFully(Disks.java(), base))
        .isInstanceOf(CorruptLogException.class);

    UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 5), base, "segment_");

    assertThat(SalvageFixture.entries(Disks.java(), base)).isEmpty();
  }

  /** A segment whose loss was accepted is there all the same. */
  @Test
  void unsafeRecover_segmentInAnAcceptedGap_isGivenUp() throws IOException {
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 1, 2);
    first.putLong(64, 65).stampHeader(); // its own batch does not follow
    first.writeIn(base);
    SegmentLayout second = new SegmentLayout(first.next(2, new IndexBounds(0, 2)));
    second.batch(2, 3);
    second.writeIn(base);
    SegmentLayout third = new SegmentLayout(second.next(3, new IndexBounds(0, 3)));
    third.putInt(12, Format.FLAG_COMMIT).putInt(116, 1); // a gap over the first
    third.putInt(504, 0).putInt(508, 0).putLong(512, 1).putLong(520, 2).stampHeader();
    third.batch(3, 4);
    third.writeIn(base);
    LogFiles.flip(base.resolve("segment_1"), Format.HEADER_BYTES + 60, 1);

    UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 5), base, "segment_");

    assertThat(SalvageFixture.entries(Disks.java(), base)).containsOnlyKeys(4L);
  }

  /** The footer's summary is authentic and says too much; its table has a wrong checksum. */
  @Test
  void read_tableMadeAgainThatIsNotAsTheFooterSays_isCorrupt() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2, 9);
    int footer = layout.footer(3);
    layout.putLong(footer + 56, 81).putInt(footer + FooterSummary.TABLE_CRC_AT, 7);
    layout.stampSummary(footer);
    layout.writeIn(base);
    SegmentLayout next = new SegmentLayout(layout.next(3, new IndexBounds(0, 9)));
    next.batch(3, 10);
    next.writeIn(base);

    try (SegmentStore store = SmallLog.open(Disks.java(), base)) {
      assertThatThrownBy(() -> StoreFixture.read(store))
          .isInstanceOf(CorruptLogException.class)
          .hasMessageContaining("a summary of its 3 entries");
      assertThatThrownBy(() -> store.get(2)).isInstanceOf(CorruptLogException.class);
      assertThat(store.get(10)).isNotNull();
    }

    assertThat(verify().damaged()).isTrue();
    assertThat(SalvageFixture.apply(Disks.java(), base).applied()).isTrue();
    assertThat(SalvageFixture.entries(Disks.java(), base)).containsOnlyKeys(1L, 2L, 9L, 10L);
  }

  /** Two sealed segments have an entry of one index, and the older footer is believed first. */
  @Test
  void cursor_indexInTwoSegments_showsThemInTheOrderWritten() throws IOException {
    SegmentLayout first = new SegmentLayout();
    first.batch(0, 3, 4);
    first.footer(2);
    first.writeIn(base);
    SegmentLayout second = new SegmentLayout(first.next(2, new IndexBounds(0, 4)));
    second.entry(4, "key", new byte[] {'2'}, false).entry(5).end(2);
    second.footer(4);
    second.writeIn(base);
    SegmentLayout third = new SegmentLayout(second.next(4, new IndexBounds(0, 5)));
    third.entry(4, "key", new byte[] {'3'}, false).end(4);
    third.writeIn(base);
    List<String> values = new ArrayList<>();

    try (SegmentStore store = SmallLog.open(Disks.java(), base)) {
      EntryCursor cursor = store.cursor(4);
      for (StoredEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        values.add(new String(entry.value(), StandardCharsets.UTF_8));
      }
    }

    assertThat(values).containsExactly("value 4", "2", "3", "value 5");
  }

  /** The header starts at sequence 79; the footer of no batches says that the last one was 0. */
  @Test
  void open_footerBehindNothingThatContradictsTheHeader_isNotBelieved() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.putLong(64, 79).stampHeader();
    layout.footer(0);
    layout.writeIn(base);
    try (SegmentStore store = SmallLog.openFully(Disks.java(), base)) {
      StoreFixture.add(store, 1, "key", new byte[1]);
      store.commit(true);
      StoreFixture.runChores(store);
      store.finish();
    }

    assertThat(SalvageFixture.entries(Disks.java(), base)).containsOnlyKeys(1L);
    assertThat(verify().damaged()).isFalse();
  }
}
