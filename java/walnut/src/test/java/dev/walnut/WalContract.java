package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.LogLockedException;
import dev.walnut.exception.NonSequentialIndexException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a user may rely on, whichever body of the machine is below; on real files. */
abstract class WalContract extends LogContract {

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

  @Test
  void writeBatch_withAnIndexStoredAlready_isRefusedWhole() throws IOException {
    try (Wal wal = open(unique())) {
      for (int i = 1; i <= 15; i++) {
        wal.write(i, "k", bytes("v" + i));
      }

      for (long stored : new long[] {3, 15}) {
        WriteBatch batch = new WriteBatch();
        batch.put(100, "a", bytes("1")).put(stored, "b", bytes("2")).put(101, "c", bytes("3"));
        assertThatThrownBy(() -> wal.write(batch))
            .isInstanceOfSatisfying(
                DuplicateIndexException.class, e -> assertThat(e.index()).isEqualTo(stored));
        assertThatThrownBy(() -> wal.writeWithSync(batch))
            .isInstanceOfSatisfying(
                DuplicateIndexException.class, e -> assertThat(e.index()).isEqualTo(stored));
        assertThat(Await.failure(wal.writeAsync(batch)))
            .isInstanceOfSatisfying(
                DuplicateIndexException.class, e -> assertThat(e.index()).isEqualTo(stored));
        assertThat(wal.get(stored).orElseThrow().value()).isEqualTo(bytes("v" + stored));
      }

      assertThat(wal.size()).isEqualTo(15);
      assertThat(wal.lastIndex()).isEqualTo(15);
      assertThat(wal.contains(100)).isFalse();
      assertThat(wal.contains(101)).isFalse();
    }
    try (Wal wal = open(unique())) {
      assertThat(wal.size()).isEqualTo(15);
      assertThat(wal.write(100, "", bytes("free"))).isEqualTo(100);
    }
  }

  @Test
  void iteration_givesCopies_whateverIsDoneToThem() throws IOException {
    try (Wal wal = open(unique())) {
      for (int i = 1; i <= 15; i++) {
        wal.write(i, "k", bytes("value " + i));
      }

      for (WalEntry entry : wal) {
        Arrays.fill(entry.value(), (byte) 'X');
        assertThat(entry.value()).isEqualTo(bytes("value " + entry.index()));
      }
      wal.stream().forEach(entry -> Arrays.fill(entry.value(), (byte) 'Y'));
      WalCursor cursor = wal.cursor(0);
      for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        Arrays.fill(entry.value(), (byte) 'Z');
        assertThat(entry.value()).isEqualTo(bytes("value " + entry.index()));
        assertThat(entry.valueBuffer().isReadOnly()).isTrue();
      }

      for (int i = 1; i <= 15; i++) {
        assertThat(wal.get(i).orElseThrow().value()).isEqualTo(bytes("value " + i));
      }
      assertThat(wal.stream().map(LogContract::text)).startsWith("value 1").hasSize(15);
    }
  }
}
