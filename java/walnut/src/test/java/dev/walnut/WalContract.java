package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.EntryTooLargeException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.LogLockedException;
import dev.walnut.exception.NonSequentialIndexException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user may rely on, whichever body of the machine is below; on real files. */
abstract class WalContract {
  @TempDir Path base;

  abstract Backend backend();

  private Path dir() {
    return base.resolve("log");
  }

  /** GoWAL's rule: any free index; small segments, all kept. */
  private WalConfig.Builder unique() {
    return WalConfig.builder(dir()).backend(backend()).maxSegments(0).segmentThreshold(10);
  }

  private WalConfig.Builder database() {
    return WalConfig.forDatabase(dir()).backend(backend());
  }

  private Wal open(WalConfig.Builder config) throws IOException {
    Wal wal = Wal.open(config.build());
    assertThat(wal.stats().backend()).isEqualTo(backend() == Backend.NATIVE ? "native" : "java");
    return wal;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Long> indexes(Wal wal) {
    List<Long> indexes = new ArrayList<>();
    for (WalEntry entry : wal) {
      indexes.add(entry.index());
    }
    return indexes;
  }

  private List<String> segmentNames() throws IOException {
    try (Stream<Path> files = Files.list(dir())) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.matches("segment_\\d+"))
          .sorted()
          .toList();
    }
  }

  @Test
  void write_thenGet_returnsTheEntry() throws IOException {
    try (Wal wal = open(unique())) {
      wal.write(7, "key", bytes("value"));

      WalEntry entry = wal.get(7).orElseThrow();

      assertThat(entry.index()).isEqualTo(7);
      assertThat(entry.key()).isEqualTo("key");
      assertThat(entry.value()).isEqualTo(bytes("value"));
      assertThat(entry.isTombstone()).isFalse();
      assertThat(wal.get(8)).isEmpty();
      assertThat(wal.contains(7)).isTrue();
      assertThat(wal.contains(8)).isFalse();
    }
  }

  @Test
  void value_isCopiedInAndOut() throws IOException {
    try (Wal wal = open(unique())) {
      byte[] value = bytes("before");
      CompletableFuture<Long> written = wal.writeAsync(1, "k", value);
      value[0] = 'X';
      written.join();

      wal.get(1).orElseThrow().value()[0] = 'Y';

      assertThat(wal.get(1).orElseThrow().value()).isEqualTo(bytes("before"));
    }
  }

  @Test
  void write_bufferFromPositionToLimit_leavesPosition() throws IOException {
    try (Wal wal = open(unique())) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(10).put(bytes("0123456789"));
      buffer.position(2).limit(5);

      wal.write(1, "", buffer);

      assertThat(buffer.position()).isEqualTo(2);
      assertThat(wal.get(1).orElseThrow().value()).isEqualTo(bytes("234"));
    }
  }

  @Test
  void write_existingIndex_isRefused_alsoSealedAndReopened() throws IOException {
    try (Wal wal = open(unique())) {
      for (int i = 1; i <= 25; i++) {
        wal.write(i, "k", bytes("v" + i));
      }
      assertThatThrownBy(() -> wal.write(3, "k", bytes("other")))
          .isInstanceOf(DuplicateIndexException.class);
      assertThatThrownBy(() -> wal.write(25, "k", bytes("other")))
          .isInstanceOf(DuplicateIndexException.class);
    }
    try (Wal wal = open(unique())) {
      assertThatThrownBy(() -> wal.write(3, "k", bytes("other")))
          .isInstanceOf(DuplicateIndexException.class);
      assertThat(wal.get(3).orElseThrow().value()).isEqualTo(bytes("v3"));
      assertThat(wal.size()).isEqualTo(25);
    }
  }

  @Test
  void writeBatch_withIndexTwice_isRefusedWhole() throws IOException {
    try (Wal wal = open(unique())) {
      WriteBatch batch = new WriteBatch();
      batch.put(1, "a", bytes("1")).put(2, "b", bytes("2")).put(1, "c", bytes("3"));

      assertThatThrownBy(() -> wal.write(batch)).isInstanceOf(DuplicateIndexException.class);

      assertThat(wal.isEmpty()).isTrue();
      assertThat(wal.write(2, "k", bytes("v"))).isEqualTo(2);
    }
  }

  @Test
  void refusedEntry_failsNoNeighbour() throws IOException {
    try (Wal wal = open(unique())) {
      List<CompletableFuture<Long>> futures = new ArrayList<>();
      for (int i = 1; i <= 50; i++) {
        futures.add(wal.writeAsync(i == 30 ? 29 : i, "k", bytes("v" + i)));
      }
      CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
          .exceptionally(t -> null)
          .join();

      assertThat(futures.get(29)).isCompletedExceptionally();
      assertThat(futures.stream().filter(CompletableFuture::isCompletedExceptionally)).hasSize(1);
      assertThat(wal.size()).isEqualTo(49);
    }
  }

  @Test
  void sequential_startsAtOne_andRefusesGaps() throws IOException {
    try (Wal wal = open(database())) {
      assertThat(wal.firstIndex()).isEqualTo(1);
      assertThat(wal.lastIndex()).isZero();
      assertThatThrownBy(() -> wal.write(2, "k", bytes("v")))
          .isInstanceOf(NonSequentialIndexException.class);
      assertThat(wal.append(bytes("a"))).isEqualTo(1);
      assertThatThrownBy(() -> wal.write(3, "k", bytes("v")))
          .isInstanceOf(NonSequentialIndexException.class);
      assertThatThrownBy(() -> wal.write(1, "k", bytes("v")))
          .isInstanceOf(DuplicateIndexException.class);
      assertThat(wal.write(2, "k", bytes("v"))).isEqualTo(2);
    }
  }

  @Test
  void sequential_unsortedConsecutiveWriteBatch_isAccepted_andLastIndexFollows()
      throws IOException {
    try (Wal wal = open(database())) {
      WriteBatch batch = new WriteBatch();
      batch.put(3, "c", bytes("3")).put(1, "a", bytes("1")).put(2, "b", bytes("2"));

      assertThat(wal.write(batch)).isEqualTo(3);

      assertThat(wal.lastIndex()).isEqualTo(3);
      assertThat(indexes(wal)).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void iteration_isInIndexOrder_whateverTheOrderOfWriting_acrossSegments() throws IOException {
    try (Wal wal = open(unique())) {
      for (int i = 0; i < 40; i++) {
        wal.write((i * 17) % 40, "k", bytes("v" + i));
      }
      assertThat(wal.stats().segments()).isGreaterThan(3);

      assertThat(indexes(wal)).hasSize(40).isSorted();
    }
  }

  @Test
  void rotation_atThreshold_namesSegments_andReloads() throws IOException {
    try (Wal wal = open(unique())) {
      for (int i = 1; i <= 35; i++) {
        wal.append("k" + i, bytes("v" + i));
      }
    }
    assertThat(segmentNames()).containsExactly("segment_0", "segment_1", "segment_2", "segment_3");
    for (int round = 0; round < 3; round++) {
      try (Wal wal = open(unique())) {
        for (int i = 1; i <= 35; i++) {
          assertThat(wal.get(i).orElseThrow().value()).isEqualTo(bytes("v" + i));
        }
        assertThat(wal.lastIndex()).isEqualTo(35);
        assertThat(wal.recoveryReport().cutBytes()).isZero();
      }
    }
  }

  @Test
  void restartsInTheMiddleOfRotations_keepEverything() throws IOException {
    for (int life = 0; life < 9; life++) {
      try (Wal wal = open(unique())) {
        assertThat(wal.lastIndex()).isEqualTo(life * 7L);
        for (int i = 0; i < 7; i++) {
          wal.append(bytes("life " + life));
        }
      }
    }
    try (Wal wal = open(unique())) {
      assertThat(wal.size()).isEqualTo(63);
    }
  }

  @Test
  void retention_deletesOldestSegment_itsIndexesAreFree_lastIndexStays() throws IOException {
    try (Wal wal = open(unique().maxSegments(3))) {
      for (int i = 1; i <= 45; i++) {
        wal.write(i, "k", bytes("v" + i));
      }
      assertThat(wal.get(1)).isEmpty();
      assertThat(wal.firstIndex()).isEqualTo(21);
      assertThat(wal.lastIndex()).isEqualTo(45);
      assertThat(wal.write(1, "k", bytes("again"))).isEqualTo(1);
      assertThat(wal.lastIndex()).isEqualTo(45);
    }
    assertThat(segmentNames()).containsExactly("segment_2", "segment_3", "segment_4");
    try (Wal wal = open(unique().maxSegments(3))) {
      assertThat(wal.get(1).orElseThrow().value()).isEqualTo(bytes("again"));
      assertThat(wal.get(20)).isEmpty();
      assertThat(wal.get(21)).isPresent();
      assertThat(wal.lastIndex()).isEqualTo(45);
    }
  }

  @Test
  void tombstone_ofPresentAbsentSealedAndAgain_alsoAfterReopening() throws IOException {
    try (Wal wal = open(unique())) {
      for (int i = 1; i <= 15; i++) {
        wal.write(i, "k" + i, bytes("v" + i));
      }
      wal.tombstone(15);
      wal.tombstone(2);
      wal.tombstone(2);
      wal.tombstone(99);
      assertTombstones(wal);
    }
    try (Wal wal = open(unique())) {
      assertTombstones(wal);
      wal.tombstone(15);
      assertThatThrownBy(() -> wal.write(2, "k", bytes("v")))
          .isInstanceOf(DuplicateIndexException.class);
    }
  }

  private static void assertTombstones(Wal wal) throws IOException {
    assertThat(wal.size()).isEqualTo(15);
    assertThat(wal.lastIndex()).isEqualTo(15);
    assertThat(wal.get(99)).isEmpty();
    for (long index : new long[] {2, 15}) {
      WalEntry entry = wal.get(index).orElseThrow();
      assertThat(entry.isTombstone()).isTrue();
      assertThat(entry.key()).isEqualTo("k" + index);
      assertThat(entry.value()).isEmpty();
    }
    assertThat(wal.get(1).orElseThrow().isTombstone()).isFalse();
  }

  @Test
  void lastIndex_tailHoldsOnlyATombstone_doesNotGoBack() throws IOException {
    try (Wal wal = open(unique().segmentThreshold(0).segmentBytes(8192))) {
      wal.write(1, "k", new byte[3000]);
      wal.write(2, "k", new byte[3000]);
      for (int i = 1; i <= 2; i++) {
        wal.tombstone(i);
      }
    }
    try (Wal wal = open(unique())) {
      assertThat(wal.lastIndex()).isEqualTo(2);
      assertThat(wal.append(bytes("v"))).isEqualTo(3);
    }
  }

  @Test
  void writeBatch_largerThanWhatIsLeft_andThanASegment_isKeptWhole() throws IOException {
    try (Wal wal = open(database().segmentBytes(64 * 1024))) {
      wal.append(bytes("small"));
      WriteBatch batch = new WriteBatch();
      for (int i = 0; i < 30; i++) {
        batch.add("k", new byte[10_000]);
      }

      assertThat(wal.append(batch)).isEqualTo(31);

      wal.append(bytes("after"));
      assertThat(wal.stats().segments()).isEqualTo(3);
    }
    try (Wal wal = open(database())) {
      assertThat(wal.size()).isEqualTo(32);
      assertThat(wal.get(31).orElseThrow().value()).hasSize(10_000);
    }
  }

  @Test
  void fault42_hugeEntry_isRefusedBeforeAnythingIsQueued() throws IOException {
    try (Wal wal = open(database().maxEntryBytes(1000))) {
      assertThat(wal.append(new byte[1000])).isEqualTo(1);
      assertThatThrownBy(() -> wal.append(new byte[1001]))
          .isInstanceOf(EntryTooLargeException.class);
      assertThatThrownBy(() -> wal.append("k", new byte[1000]))
          .isInstanceOf(EntryTooLargeException.class);
      assertThat(wal.append(new byte[0])).isEqualTo(2);
    }
  }

  @Test
  void fault43_emptyAndNull() throws IOException {
    try (Wal wal = open(database())) {
      wal.append(new byte[0]);
      assertThat(wal.get(1).orElseThrow().value()).isEmpty();
      long syncs = wal.stats().syncs();
      assertThat(wal.append(new WriteBatch())).isEqualTo(1);
      assertThat(wal.stats().syncs()).isEqualTo(syncs);
      assertThatThrownBy(() -> wal.append((byte[]) null)).isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> wal.append(null, new byte[1]))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> wal.append("\ud800", new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void syncMixedWithoutSync_durableIndexFollows() throws IOException {
    try (Wal wal = open(unique())) {
      wal.write(1, "k", bytes("v"));
      assertThat(wal.durableIndex()).isZero();
      wal.writeWithSync(2, "k", bytes("v"));
      assertThat(wal.durableIndex()).isEqualTo(2);
      wal.write(3, "k", bytes("v"));
      CompletableFuture<Long> durable = wal.whenDurable(3);
      assertThat(wal.durableIndex()).isEqualTo(2);
      assertThat(durable).isNotDone();
      assertThat(wal.sync()).isEqualTo(3);
      assertThat(durable.join()).isEqualTo(3);
    }
  }

  @Test
  void close_drains_laterWritesAreRefused() throws IOException {
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    Wal wal = open(database());
    for (int i = 0; i < 500; i++) {
      futures.add(wal.appendAsync(bytes("v" + i)));
    }
    wal.close();
    wal.close();

    for (CompletableFuture<Long> future : futures) {
      assertThat(future.join()).isPositive();
    }
    assertThatThrownBy(() -> wal.append(bytes("late"))).isInstanceOf(LogClosedException.class);
    assertThatThrownBy(() -> wal.get(1)).isInstanceOf(LogClosedException.class);
    try (Wal again = open(database())) {
      assertThat(again.size()).isEqualTo(500);
    }
  }

  @Test
  void batching_oneProducerWithAThousandInFlight_fillsWriteCalls() throws IOException {
    try (Wal wal = open(WalConfig.builder(dir()).backend(backend()))) {
      List<CompletableFuture<Long>> futures = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        futures.add(wal.appendAsync(bytes("value " + i)));
        if (futures.size() == 1000) {
          CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).join();
          futures.clear();
        }
      }
      assertThat(wal.stats().entriesPerBatchMax()).isGreaterThanOrEqualTo(50);
    }
  }

  @Test
  void fault30_secondOpen_isRefused_alsoBySymlink() throws IOException {
    try (Wal wal = open(database())) {
      assertThatThrownBy(() -> open(database())).isInstanceOf(LogLockedException.class);
      Path link = Files.createSymbolicLink(base.resolve("link"), dir());
      assertThatThrownBy(() -> Wal.open(link)).isInstanceOf(LogLockedException.class);
      assertThat(wal.append(bytes("still"))).isEqualTo(1);
    }
  }

  @Test
  void openReadOnly_showsTheLog() throws IOException {
    try (Wal wal = open(database())) {
      wal.append("k", bytes("v"));
    }
    try (WalReader reader = Wal.openReadOnly(dir(), "segment_")) {
      assertThat(reader.get(1).orElseThrow().value()).isEqualTo(bytes("v"));
      assertThat(reader.lastIndex()).isEqualTo(1);
    }
  }

  @Test
  void largeValues_areKept() throws IOException {
    byte[] large = new byte[5 << 20];
    large[large.length - 1] = 42;
    try (Wal wal = open(database())) {
      wal.append(large);
      wal.appendAsync(ByteBuffer.wrap(large)).join();
    }
    try (Wal wal = open(database().openCheck(OpenCheck.FULL))) {
      assertThat(wal.get(1).orElseThrow().value()).isEqualTo(large);
      assertThat(wal.get(2).orElseThrow().value()).isEqualTo(large);
    }
  }
}
