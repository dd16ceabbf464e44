package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.TruncatedException;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following a log into which records of every type are laid by hand. */
class FileFollowerTest {
  @TempDir Path dir;

  private ReadOnlyStore open() throws IOException {
    return ReadOnlyStore.open(StoreFixture.environment(Disks.java(), 1), dir, "segment_");
  }

  private SegmentLayout log(long... entries) throws IOException {
    SegmentLayout log = new SegmentLayout();
    log.batch(0, entries);
    log.writeIn(dir);
    return log;
  }

  private static void assertNext(EntryCursor cursor, long... indexes) throws IOException {
    for (long index : indexes) {
      assertThat(cursor.look()).isTrue();
      StoredEntry entry = cursor.next();
      assertThat(entry).isNotNull();
      assertThat(entry.index()).isEqualTo(index);
    }
    assertThat(cursor.look()).isFalse();
  }

  @Test
  void truncateAfter_belowThePosition_isTruncated_elseGoesOn() throws IOException {
    SegmentLayout log = log(1, 2, 3, 4, 5, 6);
    try (ReadOnlyStore reader = open()) {
      EntryCursor six = reader.cursor(1);
      EntryCursor four = reader.cursor(4);
      EntryCursor three = reader.cursor(1);
      assertNext(six, 1, 2, 3, 4, 5, 6);
      for (int i = 0; i < 3; i++) {
        three.next();
      }

      log.truncateAfter(3).end(0);
      log.batch(0, 4, 5);
      log.writeIn(dir);

      assertThatThrownBy(six::look)
          .isInstanceOfSatisfying(
              TruncatedException.class, e -> assertThat(e.lastKept()).isEqualTo(3));
      assertNext(three, 4, 5);
      assertNext(four, 4, 5);
      assertThat(reader.lastIndex()).isEqualTo(5);
    }
  }

  @Test
  void reset_isTruncated() throws IOException {
    SegmentLayout log = log(1, 2, 3);
    try (ReadOnlyStore reader = open()) {
      EntryCursor cursor = reader.cursor(1);
      assertNext(cursor, 1, 2, 3);

      log.reset(4).end(0);
      log.batch(0, 4);
      log.writeIn(dir);

      assertThatThrownBy(cursor::look).isInstanceOf(TruncatedException.class);
      assertNext(reader.cursor(0), 4);
    }
  }

  @Test
  void truncateBefore_pastThePosition_isCompacted_elseGoesOn() throws IOException {
    SegmentLayout log = log(1, 2, 3);
    try (ReadOnlyStore reader = open()) {
      EntryCursor slow = reader.cursor(4);
      EntryCursor ahead = reader.cursor(6);

      log.batch(0, 4, 5, 6);
      log.truncateBefore(6, 0).end(0);
      log.writeIn(dir);

      assertThatThrownBy(slow::look).isInstanceOf(CompactedException.class);
      assertNext(ahead, 6);
      assertThat(reader.firstIndex()).isEqualTo(6);
    }
  }

  @Test
  void everyLengthOfWhatIsBeingWritten_isNoDamage_andIsSeenWhenWhole() throws IOException {
    SegmentLayout before = log(1, 2);
    SegmentLayout after = log(1, 2);
    int from = before.end();
    after.batch(2, 3, 4);
    int to = after.end();
    byte[] whole = after.toBytes();
    before.writeIn(dir);
    try (ReadOnlyStore reader = open()) {
      EntryCursor cursor = reader.cursor(3);
      byte[] bytes = whole.clone();
      java.util.Arrays.fill(bytes, from, bytes.length, (byte) 0);
      for (int written = from; written < to - 3; written++) { // the last three are padding
        bytes[written] = whole[written];
        java.nio.file.Files.write(dir.resolve("segment_0"), bytes);
        if (!java.util.Arrays.equals(bytes, whole)) {
          assertThat(cursor.look()).as("%d bytes of it", written - from + 1).isFalse();
        }
      }
      after.writeIn(dir);
      assertNext(cursor, 3, 4);
      assertThat(reader.durableIndex()).isEqualTo(2);
    }
  }

  @Test
  void successor_thatDoesNotFollow_isDecidedByTheWholeLog() throws IOException {
    SegmentLayout log = log(1, 2);
    try (ReadOnlyStore reader = open()) {
      EntryCursor cursor = reader.cursor(1);
      assertNext(cursor, 1, 2);
      SegmentLayout longer = log(1, 2);
      longer.batch(2, 3);
      SegmentLayout next =
          new SegmentLayout(longer.next(longer.lastSequence(), new IndexBounds(0, 3)));
      next.batch(longer.lastSequence(), 4);

      log.writeIn(dir); // without what its successor speaks of
      next.writeIn(dir);
      assertThatThrownBy(cursor::look).isInstanceOf(CorruptLogException.class);
      assertThatThrownBy(cursor::look).isInstanceOf(CorruptLogException.class);
      longer.writeIn(dir);

      assertNext(cursor, 3, 4);
    }
  }

  @Test
  void successor_ofALostLife_isPassedOverForGood() throws IOException {
    SegmentLayout log = log(1, 2);
    try (ReadOnlyStore reader = open()) {
      EntryCursor cursor = reader.cursor(1);
      assertNext(cursor, 1, 2);
      SegmentLayout lost = log(1, 2);
      lost.batch(0, 3);
      SegmentLayout dead = new SegmentLayout(lost.next(0, new IndexBounds(0, 3)));
      dead.batch(0, 4);
      dead.writeIn(dir);
      log.writeIn(dir);

      assertThat(cursor.look()).isFalse();
      log.batch(0, 3);
      log.writeIn(dir);

      assertNext(cursor, 3);
    }
  }

  @Test
  void damageBelowTheDurableMark_isReported_aboveItIsTakenBack() throws IOException {
    SegmentLayout log = log(1, 2);
    int second = log.end();
    log.batch(2, 3);
    log.writeIn(dir);
    try (ReadOnlyStore reader = open()) {
      EntryCursor cursor = reader.cursor(1);
      EntryCursor durable = reader.cursor(1, /* durableOnly= */ true);
      assertNext(cursor, 1, 2, 3);
      assertNext(durable, 1, 2);

      log.flip(second + 20).writeIn(dir);
      assertThatThrownBy(cursor::look).isInstanceOf(TruncatedException.class);
      assertThat(durable.look()).isFalse();
      assertThat(reader.lastIndex()).isEqualTo(2);

      log.flip(second + 20).flip(Format.HEADER_BYTES + 20).writeIn(dir);
      assertThatThrownBy(() -> reader.cursor(3).look()).isInstanceOf(CorruptLogException.class);
    }
  }

  /** Else a reader that has fallen behind takes longer for each segment, and never catches up. */
  @Test
  void look_overManySegments_listsThemOnce() throws IOException {
    FaultyDisk disk = new FaultyDisk(Disks.java());
    try (SegmentStore store =
            SegmentStore.open(
                StoreFixture.environment(Disks.java(), 1), StoreFixture.options(dir));
        ReadOnlyStore reader =
            ReadOnlyStore.open(StoreFixture.environment(disk, 2), dir, "segment_")) {
      EntryCursor cursor = reader.cursor(1);
      for (long index = 1; index <= 20; index++) {
        StoreFixture.add(store, index, "k", new byte[9000]);
        store.commit(/* durable= */ false);
        store.rotate();
        StoreFixture.runChores(store);
      }
      int before = disk.count(Call.LIST);

      assertThat(cursor.look()).isTrue();

      assertThat(reader.lastIndex()).isEqualTo(20);
      assertThat(disk.count(Call.LIST) - before).isEqualTo(1);
    }
  }
}
