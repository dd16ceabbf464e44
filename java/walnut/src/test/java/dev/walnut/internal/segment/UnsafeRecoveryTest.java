package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code unsafeRecover} must not do: give up more than is corrupt, or leave a closed log. */
class UnsafeRecoveryTest {
  @TempDir Path base;

  private static StoreOptions options(Path dir, int entriesMax) {
    return new StoreOptions(
        dir, "segment_", entriesMax, 4 << 20, 0, false, false, 64 * 1024, 8, false);
  }

  private static SegmentStore open(Path dir, int seed, int entriesMax) throws IOException {
    return SegmentStore.open(
        StoreFixture.environment(Disks.java(), seed), options(dir, entriesMax));
  }

  private static void put(SegmentStore store, long index, boolean durable) throws IOException {
    byte[] value = ("value " + index).getBytes(StandardCharsets.UTF_8);
    StoreFixture.add(store, index, "key", value);
    store.commit(durable);
  }

  /** A closed log of durable entries. */
  private Path closedLog(String name, int seed, int entries, int entriesMax) throws IOException {
    Path dir = base.resolve(name);
    SegmentStore store = open(dir, seed, entriesMax);
    for (int index = 1; index <= entries; index++) {
      if (!store.fits(1, 100)) {
        store.rotate();
        StoreFixture.runChores(store);
      }
      put(store, index, true);
    }
    StoreFixture.runChores(store);
    store.finish();
    store.close();
    return dir;
  }

  private static void spoil(Path file, String text) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text)] ^= 1;
    Files.write(file, bytes);
  }

  private static List<Path> recover(Path dir) throws IOException {
    return UnsafeRecovery.run(StoreFixture.environment(Disks.java(), 3), dir, "segment_");
  }

  private static TreeMap<String, Integer> digest(Path dir) throws IOException {
    TreeMap<String, Integer> digest = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        digest.put(file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return digest;
  }

  @Test
  void recover_morePiecesThanAHeaderTellsOf_isRefusedAndChangesNothing() throws IOException {
    Path dir = closedLog("pieces", 1, 80, 1);
    for (int number = 2; number <= 70; number += 2) {
      spoil(dir.resolve("segment_" + number), "value");
    }
    TreeMap<String, Integer> before = digest(dir);

    assertThatThrownBy(() -> recover(dir))
        .isInstanceOf(CorruptLogException.class)
        .hasMessageContaining("at most 32 gaps")
        .hasMessageContaining("35 gaps");

    assertThat(digest(dir)).isEqualTo(before);
  }

  @Test
  void recover_segmentOfAnotherLog_isRefusedAndChangesNothing() throws IOException {
    Path dir = closedLog("ours", 1, 12, 4);
    Path other = closedLog("other", 99, 20, 1);
    Files.copy(other.resolve("segment_9"), dir.resolve("segment_9"));
    TreeMap<String, Integer> before = digest(dir);

    assertThatThrownBy(() -> recover(dir))
        .isInstanceOfSatisfying(
            CorruptLogException.class,
            e -> assertThat(e.file()).isEqualTo(dir.resolve("segment_9")))
        .hasMessageContaining("take the other log's files away first");

    assertThat(digest(dir)).isEqualTo(before);
  }

  /** Segment 0 is corrupt; segment 1 lost an entry that no sync had covered, in a power cut. */
  @Test
  void recover_tornSegmentBehindACorruptOne_keepsWhatIsDurableInIt() throws IOException {
    Path dir = base.resolve("torn");
    SegmentStore store = open(dir, 1, 0);
    for (int index = 1; index <= 4; index++) {
      put(store, index, true);
    }
    store.rotate();
    StoreFixture.runChores(store);
    for (int index = 5; index <= 8; index++) {
      put(store, index, true);
    }
    put(store, 9, false);
    store.rotate();
    put(store, 10, false);
    store.close();
    spoil(dir.resolve("segment_1"), "value 9");
    spoil(dir.resolve("segment_0"), "value 2");

    List<Path> removed = recover(dir);

    assertThat(removed).containsExactly(dir.resolve("segment_0"));
    SegmentStore again = open(dir, 2, 0);
    assertThat(StoreFixture.read(again).keySet()).containsExactly(5L, 6L, 7L, 8L);
    assertThat(again.lastIndex()).isEqualTo(8);
    put(again, 9, true);
    again.close();
  }

  @Test
  void recover_onlySegmentCorrupt_leavesAnEmptyLogThatGoesOn() throws IOException {
    Path dir = closedLog("only", 1, 100, 0);
    spoil(dir.resolve("segment_0"), "value 100");

    List<Path> removed = recover(dir);

    assertThat(removed).containsExactly(dir.resolve("segment_0"));
    assertThat(dir.resolve("segment_1")).exists();
    SegmentStore again = open(dir, 2, 0);
    assertThat(again.size()).isZero();
    assertThat(again.lastIndex()).isEqualTo(100);
    assertThat(again.recovery().lastSequence()).isGreaterThanOrEqualTo(100);
    put(again, 101, true);
    again.close();
    assertThat(recover(dir)).isEmpty();
  }
}
