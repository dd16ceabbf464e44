package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.EntryTooLargeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in is checked before anything is queued, copied, and comes out the caller's own. */
@Timeout(60)
class WalArgumentsTest {
  private final FakeStore store = new FakeStore();
  private Wal wal;

  @BeforeEach
  void open() throws IOException {
    WalConfig config =
        WalConfig.builder(Path.of("log")).maxEntryBytes(100).maxWriteBatchBytes(500).build();
    wal = Wal.open(config, new Internals(store, Threads.REAL));
  }

  @AfterEach
  void close() throws IOException {
    wal.close();
  }

  @Test
  @SuppressWarnings("NullAway")
  void nulls_areRejectedByEveryCall() {
    assertThatThrownBy(() -> wal.append((byte[]) null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> wal.append(null, new byte[1]))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> wal.appendAsync((ByteBuffer) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> wal.append((WriteBatch) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> new WriteBatch().put(1, null, new byte[1]))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> new WriteBatch().add((byte[]) null))
        .isInstanceOf(NullPointerException.class);
    assertThat(wal.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "a\udc00b", "\ud800x", "\udc00\ud800"})
  void key_notWellFormed_isRefused(String key) {
    assertThatThrownBy(() -> wal.append(key, new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("UTF-16");
    assertThatThrownBy(() -> wal.appendAsync(key, new byte[1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new WriteBatch().add(key, new byte[1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "\u0000\u007f\u0080\u07ff\u0800\uffff", "\ud83c\udf33 tree"})
  void key_wellFormed_hasTheLengthOfItsEncoding(String key) throws IOException {
    assertThat(Utf8.encodedBytes(key)).isEqualTo(key.getBytes(StandardCharsets.UTF_8).length);
    assertThat(wal.get(wal.append(key, new byte[1]))).contains(WalEntry.of(1, key, new byte[1]));
  }

  @Test
  void index_outOfRange_isRefused() {
    for (long index : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> wal.write(index, "", new byte[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("index: " + index);
      assertThatThrownBy(() -> wal.writeAsync(index, "", new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new WriteBatch().put(index, "", new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> wal.get(index)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void entry_atAndAboveTheLimit() throws IOException {
    assertThat(wal.append("k", new byte[98])).isEqualTo(1);
    assertThat(wal.append("k", new byte[99])).isEqualTo(2);
    assertThatThrownBy(() -> wal.append("k", new byte[100]))
        .isInstanceOf(EntryTooLargeException.class)
        .hasMessageContaining("101 bytes")
        .hasMessageContaining("maxEntryBytes is 100");
    assertThatThrownBy(() -> wal.appendAsync("\u0800", new byte[98]))
        .isInstanceOf(EntryTooLargeException.class);
    assertThat(wal.size()).isEqualTo(2);
    assertThat(wal.stats().requests()).isEqualTo(2);
  }

  @Test
  void writeBatch_aboveTheLimits_isRefused() throws IOException {
    WriteBatch full = new WriteBatch();
    for (int i = 0; i < 5; i++) {
      full.add(new byte[68]);
    }

    assertThat(wal.append(full)).isEqualTo(5);
    full.add(new byte[0]);
    assertThatThrownBy(() -> wal.append(full))
        .isInstanceOf(EntryTooLargeException.class)
        .hasMessageContaining("maxWriteBatchBytes is 500");
    assertThatThrownBy(() -> wal.append(new WriteBatch().add(new byte[101])))
        .isInstanceOf(EntryTooLargeException.class)
        .hasMessageContaining("maxEntryBytes is 100");
  }

  @Test
  void entrySizes_areAddedWithoutOverflow() {
    assertThatThrownBy(
            () -> Arguments.requireEntryFits(3L * Integer.MAX_VALUE, Integer.MAX_VALUE, 1 << 30))
        .isInstanceOf(EntryTooLargeException.class)
        .hasMessageContaining("8589934588 bytes");
  }

  @Test
  void emptyKeyAndValue_areLegalAndDistinctFromAbsent() throws IOException {
    wal.write(0, "", new byte[0]);

    assertThat(wal.get(0)).contains(WalEntry.of(0, "", new byte[0]));
    assertThat(wal.get(1)).isEmpty();
  }

  @Test
  void writeBatch_empty_doesNothing() throws IOException {
    wal.append(new byte[1]);

    assertThat(wal.write(new WriteBatch())).isEqualTo(1);
    assertThat(wal.appendWithSync(new WriteBatch())).isEqualTo(1);
    assertThat(wal.appendWithSyncAsync(new WriteBatch()).join()).isEqualTo(1);

    assertThat(wal.stats().syncs()).isZero();
    assertThat(wal.stats().batches()).isEqualTo(1);
  }

  @Test
  void writeBatch_withAndWithoutIndexes_goesWhereItBelongs() {
    WriteBatch put = new WriteBatch().put(1, "", new byte[1]);
    WriteBatch added = new WriteBatch().add(new byte[1]);

    assertThatThrownBy(() -> wal.append(put)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> wal.write(added)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> wal.write(added.put(2, "", new byte[1])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void value_changedByTheCallerLater_isNotChangedInTheLog() throws IOException {
    FakeStore.Hold hold = store.holdAt(FakeStore.Step.COMMIT);
    CompletableFuture<Long> first = wal.appendAsync(new byte[1]);
    hold.awaitArrival();
    byte[] array = {1, 2, 3};
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {9, 4, 5, 6, 9}).position(1).limit(4);
    WriteBatch batch = new WriteBatch().add(array);
    wal.appendAsync(array);
    wal.appendAsync(buffer);
    CompletableFuture<Long> last = wal.appendAsync(batch);
    array[0] = 77;
    buffer.put(1, (byte) 77);
    batch.add(new byte[50]);
    hold.release();
    last.join();

    assertThat(first.join()).isEqualTo(1);
    assertThat(wal.get(2)).contains(WalEntry.of(2, "", new byte[] {1, 2, 3}));
    assertThat(wal.get(3)).contains(WalEntry.of(3, "", new byte[] {4, 5, 6}));
    assertThat(wal.get(4)).contains(WalEntry.of(4, "", new byte[] {1, 2, 3}));
    assertThat(wal.size()).isEqualTo(4);
    assertThat(buffer.position()).isEqualTo(1);
  }

  @Test
  void buffer_ofAnyKind_isReadFromPositionToLimitAndNotMoved() throws IOException {
    ByteBuffer direct = ByteBuffer.allocateDirect(5).put(new byte[] {1, 2, 3, 4, 5}).flip();
    direct.position(2);

    wal.append("k", direct);
    wal.append("k", direct.asReadOnlyBuffer());

    assertThat(wal.stream().map(WalEntry::valueBytes).toList()).containsExactly(3, 3);
    assertThat(direct.position()).isEqualTo(2);
  }

  @Test
  void entry_changedByItsReader_isNotChangedForOthers() throws IOException {
    wal.append(new byte[] {1});
    WalEntry entry = wal.get(1).orElseThrow();

    entry.value()[0] = 9;

    assertThat(entry).isEqualTo(wal.get(1).orElseThrow());
    assertThat(entry.valueBuffer().isReadOnly()).isTrue();
  }
}
