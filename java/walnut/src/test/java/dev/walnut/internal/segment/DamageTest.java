package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What damage to a small durable log does: loud, precise, and never a wrong byte. */
class DamageTest {
  private static final int SEGMENTS = 3;
  private static final int ENTRIES_A_SEGMENT = 4;

  /** How the log's last life ended. */
  enum Ending {
    CLOSED,
    KILLED
  }

  @TempDir Path base;

  Disk disk() throws IOException {
    return Disks.java();
  }

  private int logs;
  private Path dir;
  private TreeMap<Long, String> entries;

  @BeforeEach
  void writeLog() throws IOException {
    write(Ending.CLOSED);
  }

  private void write(Ending ending) throws IOException {
    dir = base.resolve("log" + logs++);
    SegmentStore store = open(dir);
    for (int index = 1; index <= SEGMENTS * ENTRIES_A_SEGMENT; index++) {
      if (index > 1 && index % ENTRIES_A_SEGMENT == 1) {
        store.rotate();
        StoreFixture.runChores(store);
      }
      byte[] value = ("value " + index).repeat(3).getBytes(StandardCharsets.UTF_8);
      StoreFixture.add(store, index, "key" + index, value);
      store.commit(true);
    }
    entries = StoreFixture.read(store);
    if (ending == Ending.CLOSED) {
      StoreFixture.runChores(store);
      store.finish();
    } else {
      store.mark();
    }
    store.close();
  }

  private SegmentStore open(Path dir) throws IOException {
    return SegmentStore.open(StoreFixture.environment(disk(), 7), StoreFixture.options(dir));
  }

  private SegmentStore openFully(Path dir) throws IOException {
    StoreOptions usual = StoreFixture.options(dir);
    return SegmentStore.open(
        StoreFixture.environment(disk(), 7),
        new StoreOptions(
            dir, usual.prefix(), 0, usual.segmentBytesMax(), 0, false, true, 65536, 8, true));
  }

  private Path segment(int number) {
    return dir.resolve("segment_" + number);
  }

  /** Opening is refused, for this file and offset, and no file changes. */
  private CorruptLogException assertRefused(Path file, long offset) throws IOException {
    TreeMap<String, String> before = LogFiles.digest(dir);
    CorruptLogException[] refusal = new CorruptLogException[1];

    assertThatThrownBy(() -> open(dir))
        .isInstanceOfSatisfying(CorruptLogException.class, e -> refusal[0] = e);

    assertThat(refusal[0].file()).isEqualTo(file);
    assertThat(refusal[0].offset()).isEqualTo(offset);
    assertThat(LogFiles.digest(dir)).isEqualTo(before);
    return refusal[0];
  }

  private void assertIntact() throws IOException {
    SegmentStore store = open(dir);
    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    store.close();
  }

  @Test
  void fault16_17_flippedValue_isRefusedByGetAndFullCheck_neighboursAreReturned()
      throws IOException {
    byte[] bytes = Files.readAllBytes(segment(0));
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("value 2");
    LogFiles.flip(segment(0), at, 1);

    SegmentStore store = open(dir);

    assertThatThrownBy(() -> store.get(2))
        .isInstanceOfSatisfying(
            CorruptLogException.class,
            e -> {
              assertThat(e.file()).isEqualTo(segment(0));
              assertThat(e.offset()).isLessThan(at).isGreaterThan(at - 40);
              assertThat(e.firstIndex()).isEqualTo(2);
              assertThat(e.lastIndex()).isEqualTo(2);
            });
    assertThat(StoreFixture.line(store.get(1))).isEqualTo(entries.get(1L));
    assertThat(StoreFixture.line(store.get(3))).isEqualTo(entries.get(3L));
    EntryCursor cursor = store.cursor(1);
    assertThat(StoreFixture.line(cursor.next())).isEqualTo(entries.get(1L));
    assertThatThrownBy(cursor::next).isInstanceOf(CorruptLogException.class);
    store.close();
    assertThatThrownBy(() -> openFully(dir))
        .isInstanceOfSatisfying(
            CorruptLogException.class, e -> assertThat(e.file()).isEqualTo(segment(0)));
  }

  @Test
  void fault17_damagedOffsetTable_isMadeAgain() throws IOException {
    byte[] bytes = Files.readAllBytes(segment(0));
    LogFiles.flip(segment(0), bytes.length - Format.SUMMARY_BYTES - 4, 0x10);

    assertIntact();
  }

  @Test
  void fault17_damagedFooterSummary_isDoneWithout() throws IOException {
    LogFiles.flip(segment(0), (int) Files.size(segment(0)) - 10, 0x10);

    assertIntact();
  }

  @Test
  void fault18_damagedHeader_isRefused() throws IOException {
    LogFiles.flip(segment(1), 20, 1);

    CorruptLogException refusal = assertRefused(segment(1), 0);

    assertThat(refusal.firstIndex()).isEqualTo(ENTRIES_A_SEGMENT + 1);
    assertThat(refusal.lastIndex()).isEqualTo(SEGMENTS * ENTRIES_A_SEGMENT);
  }

  @Test
  void fault19_truncatedMiddleSegment_isRefused() throws IOException {
    try (var file = FileChannel.open(segment(1), StandardOpenOption.WRITE)) {
      file.truncate(Format.HEADER_BYTES + 10);
    }

    assertRefused(segment(1), Format.HEADER_BYTES);
  }

  @Test
  void fault22_missingMiddleSegment_isRefused() throws IOException {
    Files.delete(segment(1));

    CorruptLogException refusal = assertRefused(segment(1), 0);

    assertThat(refusal.found()).isEqualTo("no file");
  }

  @Test
  void fault21_missingFirstSegment_isRefused() throws IOException {
    Files.delete(segment(0));

    assertRefused(segment(0), 0);
  }

  @Test
  void fault27_staleBatchAlignedAtTheEnd_isNotAccepted() throws IOException {
    write(Ending.KILLED);
    Path tail = segment(SEGMENTS - 1);
    byte[] bytes = Files.readAllBytes(tail);
    int end = LogFiles.dataEnd(bytes);
    byte[] stale = Arrays.copyOfRange(bytes, Format.HEADER_BYTES, end);
    System.arraycopy(stale, 0, bytes, Format.align(end), stale.length);
    Files.write(tail, bytes);

    SegmentStore store = open(dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().cutOffset()).isGreaterThanOrEqualTo(end - 8);
    assertThat(store.recovery().keptAside()).hasSize(1);
    store.close();
  }

  @Test
  void fault45_unknownVersion_isUnsupportedAndChangesNothing() throws IOException {
    byte[] bytes = Files.readAllBytes(segment(2));
    LogFiles.restamp(bytes, 8, 2);
    Files.write(segment(2), bytes);
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> open(dir))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("segment_2")
        .hasMessageContaining("format version 2");

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @Test
  void fault45_unknownFlag_isUnsupported() throws IOException {
    byte[] bytes = Files.readAllBytes(segment(1));
    LogFiles.restamp(bytes, 12, 0x40);
    Files.write(segment(1), bytes);

    assertThatThrownBy(() -> open(dir)).isInstanceOf(UnsupportedFormatException.class);
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void unsafeRecover_intactLog_changesNothing(Ending ending) throws IOException {
    write(ending);
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThat(UnsafeRecovery.run(StoreFixture.environment(disk(), 3), dir, "segment_")).isEmpty();

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void openReadOnly_showsTheSameAndChangesNothing(Ending ending) throws IOException {
    write(ending);
    TreeMap<String, String> before = LogFiles.digest(dir);

    try (ReadOnlyStore store =
        ReadOnlyStore.open(StoreFixture.environment(disk(), 3), dir, "segment_")) {
      assertThat(StoreFixture.read(store)).isEqualTo(entries);
      assertThat(store.lastIndex()).isEqualTo(entries.lastKey());
      assertThat(store.get(1)).isNotNull();
      assertThat(store.get(entries.lastKey() + 1)).isNull();
    }

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }
}
