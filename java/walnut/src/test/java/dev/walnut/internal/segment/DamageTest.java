package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What damage to a small durable log does: loud, precise, and never a wrong byte. */
class DamageTest {
  private static final int SEGMENTS = 3;
  private static final int ENTRIES_A_SEGMENT = 4;
  private static final LinkOption NO_LINK = LinkOption.NOFOLLOW_LINKS;

  /** How the log's last life ended. */
  enum Ending {
    CLOSED,
    KILLED
  }

  @TempDir Path base;

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

  private static SegmentStore open(Path dir) throws IOException {
    return SegmentStore.open(StoreFixture.environment(Disks.java(), 7), StoreFixture.options(dir));
  }

  private static SegmentStore openFully(Path dir) throws IOException {
    StoreOptions usual = StoreFixture.options(dir);
    return SegmentStore.open(
        StoreFixture.environment(Disks.java(), 7),
        new StoreOptions(
            dir, usual.prefix(), 0, usual.segmentBytesMax(), 0, false, true, 65536, 8, true));
  }

  private Path segment(int number) {
    return dir.resolve("segment_" + number);
  }

  private static Map<String, Integer> digest(Path dir) throws IOException {
    Map<String, Integer> digest = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(f -> Files.isRegularFile(f, NO_LINK)).toList()) {
        if (!file.endsWith("segment_lock")) {
          digest.put(file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)));
        }
      }
    }
    return digest;
  }

  private static void flip(Path file, int offset, int mask) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[offset] ^= (byte) mask;
    Files.write(file, bytes);
  }

  /** Opening is refused, for this file and offset, and no file changes. */
  private CorruptLogException assertRefused(Path file, long offset) throws IOException {
    Map<String, Integer> before = digest(dir);
    CorruptLogException[] refusal = new CorruptLogException[1];

    assertThatThrownBy(() -> open(dir))
        .isInstanceOfSatisfying(CorruptLogException.class, e -> refusal[0] = e);

    assertThat(refusal[0].file()).isEqualTo(file);
    assertThat(refusal[0].offset()).isEqualTo(offset);
    assertThat(digest(dir)).isEqualTo(before);
    return refusal[0];
  }

  private void assertIntact() throws IOException {
    SegmentStore store = open(dir);
    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    store.close();
  }

  /** Whatever the damage, an entry is right, or it is refused; none is missing in silence. */
  private String outcomeOf(Path damaged) throws IOException {
    SegmentStore store;
    try {
      store = open(damaged);
    } catch (WalException e) {
      return "refused by open";
    }
    try {
      String outcome = "harmless";
      for (Map.Entry<Long, String> entry : entries.entrySet()) {
        try {
          StoredEntry found = store.get(entry.getKey());
          if (found == null || !StoreFixture.line(found).equals(entry.getValue())) {
            return "SILENT LOSS of index " + entry.getKey();
          }
        } catch (CorruptLogException e) {
          outcome = "refused by get";
        }
      }
      return outcome;
    } finally {
      store.close();
    }
  }

  private static void restore(Map<Path, byte[]> files, Path target) throws IOException {
    try (Stream<Path> old = Files.exists(target) ? Files.list(target) : Stream.empty()) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    Files.createDirectories(target);
    for (Map.Entry<Path, byte[]> file : files.entrySet()) {
      Files.write(target.resolve(file.getKey()), file.getValue());
    }
  }

  private Map<Path, byte[]> content() throws IOException {
    Map<Path, byte[]> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        content.put(file.getFileName(), Files.readAllBytes(file));
      }
    }
    return content;
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void fault17_18_everyByteFlipped_isNeverSilent(Ending ending) throws IOException {
    write(ending);
    Map<Path, byte[]> intact = content();
    Path target = base.resolve("flipped");
    Map<String, Integer> outcomes = new TreeMap<>();

    for (Map.Entry<Path, byte[]> file : intact.entrySet()) {
      byte[] bytes = file.getValue();
      for (int offset = 0; offset < bytes.length; offset += bytes[offset] == 0 ? 61 : 2) {
        Map<Path, byte[]> damaged = new TreeMap<>(intact);
        byte[] flipped = bytes.clone();
        flipped[offset] ^= (byte) (1 << offset % 8);
        damaged.put(file.getKey(), flipped);
        restore(damaged, target);
        String outcome = outcomeOf(target);
        outcomes.merge(outcome, 1, Integer::sum);
        assertThat(outcome).as("%s offset %d", file.getKey(), offset).doesNotContain("SILENT");
      }
    }

    assertThat(outcomes).containsKeys("harmless", "refused by open", "refused by get");
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void fault19_everyTruncation_isNeverSilent(Ending ending) throws IOException {
    write(ending);
    Map<Path, byte[]> intact = content();
    Path target = base.resolve("truncated");

    for (Map.Entry<Path, byte[]> file : intact.entrySet()) {
      boolean last = file.getKey().endsWith("segment_" + (SEGMENTS - 1));
      for (int length = 0; length < file.getValue().length; length += 23) {
        Map<Path, byte[]> damaged = new TreeMap<>(intact);
        damaged.put(file.getKey(), Arrays.copyOf(file.getValue(), length));
        restore(damaged, target);
        String outcome = outcomeOf(target);
        // The last file takes along, when it is cut, the marks that vouch for its own end; they
        // cannot tell of themselves. All else is vouched for by what follows.
        if (!last) {
          assertThat(outcome).as("%s length %d", file.getKey(), length).doesNotContain("SILENT");
        }
      }
    }
  }

  @Test
  void fault15_readErrorAtOpen_failsAndChangesNothing() throws IOException {
    for (int number = 1; number <= 6; number++) {
      FaultyDisk disk = new FaultyDisk(Disks.java());
      disk.fail(FaultyDisk.Call.READ, number, FaultyDisk.ioError("read"));
      Map<String, Integer> before = digest(dir);

      assertThatThrownBy(
              () -> SegmentStore.open(StoreFixture.environment(disk, 7), StoreFixture.options(dir)))
          .as("read %d", number)
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(CorruptLogException.class);

      assertThat(digest(dir)).isEqualTo(before);
    }
    assertIntact();
  }

  @Test
  void fault16_17_flippedValue_isRefusedByGetAndFullCheck_neighboursAreReturned()
      throws IOException {
    byte[] bytes = Files.readAllBytes(segment(0));
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("value 2");
    flip(segment(0), at, 1);

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
    flip(segment(0), bytes.length - Format.SUMMARY_BYTES - 4, 0x10);

    assertIntact();
  }

  @Test
  void fault17_damagedFooterSummary_isDoneWithout() throws IOException {
    flip(segment(0), (int) Files.size(segment(0)) - 10, 0x10);

    assertIntact();
  }

  @Test
  void fault18_damagedHeader_isRefused() throws IOException {
    flip(segment(1), 20, 1);

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
  void fault20_emptyOrZeroLastSegment_isRemovedAndItsNumberNotUsedNext() throws IOException {
    Files.write(segment(3), new byte[8192]);
    Files.createFile(segment(4));

    assertIntact();

    assertThat(segment(3)).doesNotExist();
    assertThat(segment(4)).doesNotExist();
    SegmentStore store = open(dir);
    store.close();
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
  void fault24_copyUnderAnotherName_isRefusedAsMixedHistory() throws IOException {
    Files.copy(segment(1), segment(7));

    CorruptLogException refusal = assertRefused(segment(7), 0);

    assertThat(refusal.found()).contains("mixed history");
  }

  @Test
  void fault25_segmentOfAnotherLog_isRefused() throws IOException {
    Path other = base.resolve("other");
    SegmentStore store =
        SegmentStore.open(StoreFixture.environment(Disks.java(), 99), StoreFixture.options(other));
    store.close();
    Files.copy(other.resolve("segment_0"), segment(3));
    Files.move(segment(3), segment(9));
    byte[] bytes = Files.readAllBytes(segment(9));
    restamp(bytes, 32, 9);
    Files.write(segment(9), bytes);

    CorruptLogException refusal = assertRefused(segment(9), 0);

    assertThat(refusal.found()).contains("mixed history");
  }

  /** Changes a field of a header block, and makes its checksum right again. */
  private static void restamp(byte[] block, int at, int value) {
    ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(at, value);
    int crc = new SaltedCrc().of(0, bytes.getInt(32), 0, bytes, 0, Format.HEADER_CRC_AT);
    bytes.putInt(Format.HEADER_CRC_AT, crc);
  }

  @Test
  void fault26_foreignNames_areLeftAlone() throws IOException {
    Files.createDirectory(dir.resolve("segment_17"));
    Files.createFile(dir.resolve("segment_01"));
    Files.createFile(dir.resolve("segment_2~"));
    Files.createSymbolicLink(dir.resolve("segment_18"), segment(0));

    assertIntact();

    assertThat(dir.resolve("segment_17")).isDirectory();
    assertThat(dir.resolve("segment_01")).exists();
    assertThat(dir.resolve("segment_2~")).exists();
    assertThat(dir.resolve("segment_18")).isSymbolicLink();
  }

  @Test
  void fault27_staleBatchAlignedAtTheEnd_isNotAccepted() throws IOException {
    write(Ending.KILLED);
    Path tail = segment(SEGMENTS - 1);
    byte[] bytes = Files.readAllBytes(tail);
    int end = endOfData(bytes);
    byte[] stale = Arrays.copyOfRange(bytes, Format.HEADER_BYTES, end);
    System.arraycopy(stale, 0, bytes, Format.align(end), stale.length);
    Files.write(tail, bytes);

    SegmentStore store = open(dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().cutOffset()).isGreaterThanOrEqualTo(end - 8);
    assertThat(store.recovery().keptAside()).hasSize(1);
    store.close();
  }

  private static int endOfData(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  @Test
  void fault45_unknownVersion_isUnsupportedAndChangesNothing() throws IOException {
    byte[] bytes = Files.readAllBytes(segment(2));
    restamp(bytes, 8, 2);
    Files.write(segment(2), bytes);
    Map<String, Integer> before = digest(dir);

    assertThatThrownBy(() -> open(dir))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("segment_2")
        .hasMessageContaining("format version 2");

    assertThat(digest(dir)).isEqualTo(before);
  }

  @Test
  void fault45_unknownFlag_isUnsupported() throws IOException {
    byte[] bytes = Files.readAllBytes(segment(1));
    restamp(bytes, 12, 0x40);
    Files.write(segment(1), bytes);

    assertThatThrownBy(() -> open(dir)).isInstanceOf(UnsupportedFormatException.class);
  }

  @Test
  void unsafeRecover_corruptMiddle_removesExactlyIt_andTheLogOpens() throws IOException {
    flip(segment(1), 20, 1);

    List<Path> removed =
        UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 3), dir, "segment_");

    assertThat(removed).containsExactly(segment(1));
    assertThat(segment(1)).doesNotExist();
    SegmentStore store = open(dir);
    entries.subMap(ENTRIES_A_SEGMENT + 1L, 2L * ENTRIES_A_SEGMENT + 1).clear();
    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.lastIndex()).isEqualTo(SEGMENTS * ENTRIES_A_SEGMENT);
    StoreFixture.add(store, 6, "again", new byte[1]);
    store.commit(true);
    store.close();
    SegmentStore again = open(dir);
    assertThat(again.get(6)).isNotNull();
    again.close();
  }

  @Test
  void unsafeRecover_corruptLastOrFirst_removesExactlyIt() throws IOException {
    Map<Path, byte[]> intact = content();
    for (int number : new int[] {0, SEGMENTS - 1}) {
      restore(intact, dir);
      byte[] bytes = Files.readAllBytes(segment(number));
      int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("value");
      flip(segment(number), at, 1);

      List<Path> removed =
          UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 3), dir, "segment_");

      assertThat(removed).containsExactly(segment(number));
      SegmentStore store = open(dir);
      long first = (long) number * ENTRIES_A_SEGMENT + 1;
      TreeMap<Long, String> left = new TreeMap<>(entries);
      left.subMap(first, first + ENTRIES_A_SEGMENT).clear();
      assertThat(StoreFixture.read(store)).isEqualTo(left);
      store.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void unsafeRecover_intactLog_changesNothing(Ending ending) throws IOException {
    write(ending);
    Map<String, Integer> before = digest(dir);

    assertThat(UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 3), dir, "segment_"))
        .isEmpty();

    assertThat(digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void openReadOnly_showsTheSameAndChangesNothing(Ending ending) throws IOException {
    write(ending);
    Map<String, Integer> before = digest(dir);

    try (ReadOnlyStore store =
        ReadOnlyStore.open(StoreFixture.environment(Disks.java(), 3), dir, "segment_")) {
      assertThat(StoreFixture.read(store)).isEqualTo(entries);
      assertThat(store.lastIndex()).isEqualTo(entries.lastKey());
      assertThat(store.get(1)).isNotNull();
      assertThat(store.get(entries.lastKey() + 1)).isNull();
    }

    assertThat(digest(dir)).isEqualTo(before);
  }
}
