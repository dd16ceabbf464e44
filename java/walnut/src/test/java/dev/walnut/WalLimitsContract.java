package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.EntryTooLargeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The largest, the smallest and the most a log takes. */
abstract class WalLimitsContract extends LogContract {

  /** In a mode that writes nothing by itself, so that the files can be compared. */
  @Test
  void fault42_aboveTheLimit_isRefusedBeforeAnythingIsQueued() throws IOException {
    try (Wal wal = open(unique().maxEntryBytes(1000).maxWriteBatchBytes(3000))) {
      assertThat(wal.append(filled(999))).isEqualTo(1);
      assertThat(wal.append(filled(1000))).isEqualTo(2);
      assertThat(wal.append("\u00fc", filled(998))).isEqualTo(3);
      TreeMap<String, String> files = digests(dir());
      WalStats stats = wal.stats();

      assertTooLarge(() -> wal.append(filled(1001)), "maxEntryBytes is 1000");
      assertTooLarge(() -> wal.append("\u00fc", filled(999)), "maxEntryBytes is 1000");
      assertTooLarge(() -> wal.write(9, "k", ByteBuffer.allocate(1000)), "maxEntryBytes is 1000");
      assertTooLarge(() -> wal.writeWithSync(9, "", filled(1001)), "maxEntryBytes is 1000");
      assertTooLarge(() -> wal.appendAsync(filled(1001)), "maxEntryBytes is 1000");
      assertTooLarge(() -> wal.append(batch(1, 1001)), "maxEntryBytes is 1000");
      assertTooLarge(() -> wal.append(batch(3, 969)), "maxWriteBatchBytes is 3000");
      assertTooLarge(() -> wal.appendAsync(batch(3, 969)), "maxWriteBatchBytes is 3000");

      assertThat(digests(dir())).isEqualTo(files);
      assertThat(wal.stats()).isEqualTo(stats);
      assertThat(wal.append(batch(3, 968))).isEqualTo(6);
      assertThat(wal.append(new byte[0])).isEqualTo(7);
      assertThat(wal.get(2).orElseThrow().value()).isEqualTo(filled(1000));
    }
  }

  private static void assertTooLarge(ThrowingCallable write, String limit) {
    assertThatThrownBy(write)
        .isExactlyInstanceOf(EntryTooLargeException.class)
        .hasMessageContaining(limit);
  }

  private static byte[] filled(int length) {
    byte[] value = new byte[length];
    for (int i = 0; i < length; i++) {
      value[i] = (byte) (i * 31 + length);
    }
    return value;
  }

  private static WriteBatch batch(int entries, int valueBytes) {
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < entries; i++) {
      batch.add(filled(valueBytes));
    }
    return batch;
  }

  @Test
  void fault42_entryLargerThanASegment_getsItsOwn() throws IOException {
    int[] lengths = {10, 8191, 20, 8192, 8193, 30, 300_000, 40};
    try (Wal wal = open(database().segmentBytes(8192).maxEntryBytes(300_000))) {
      for (int length : lengths) {
        wal.append(filled(length));
      }
      assertThat(wal.stats().segments()).isEqualTo(lengths.length);
    }

    TreeMap<String, List<RecordInfo.Type>> types = recordTypes(dir());
    assertThat(types).hasSize(lengths.length);
    assertThat(types.values())
        .allSatisfy(records -> assertThat(records).containsOnlyOnce(RecordInfo.Type.ENTRY));
    try (Wal wal = open(database().openCheck(OpenCheck.FULL))) {
      assertThat(wal.recoveryReport().cutBytes()).isZero();
      assertThat(wal.size()).isEqualTo(lengths.length);
      for (int i = 0; i < lengths.length; i++) {
        assertThat(wal.get(i + 1).orElseThrow().value()).isEqualTo(filled(lengths[i]));
      }
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
  void batching_oneProducerWithAThousandInFlight_fillsWriteCalls() throws IOException {
    try (Wal wal = open(WalConfig.builder(dir()).backend(backend()))) {
      Deque<CompletableFuture<Long>> inFlight = new ArrayDeque<>();
      for (int i = 0; i < 100_000; i++) {
        if (inFlight.size() == 1000) {
          inFlight.removeFirst().join();
        }
        inFlight.addLast(wal.appendAsync(bytes("value " + i)));
      }
      inFlight.forEach(CompletableFuture::join);

      WalStats stats = wal.stats();
      assertThat(stats.entries()).isEqualTo(100_000);
      assertThat(stats.entriesPerBatch()).isGreaterThanOrEqualTo(50);
    }
  }
}
