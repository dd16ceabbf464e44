package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.LogClosedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Exchanger;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cursors that follow a log which is being written. */
@Timeout(120)
abstract class WalTailContract extends LogContract {
  /** Longer than any test may take: a wake-up that is lost makes the test fail. */
  private static final Duration FOREVER = Duration.ofDays(1000 * 365);

  private static final Duration LOOK = Duration.ZERO;

  private static List<Long> rest(WalCursor cursor) throws IOException {
    List<Long> indexes = new ArrayList<>();
    for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
      indexes.add(entry.index());
    }
    return indexes;
  }

  private static void awaitParked(Thread thread) {
    Await.until(() -> thread.getState() == Thread.State.TIMED_WAITING);
  }

  private static byte[] value(long index) {
    return bytes("value " + index);
  }

  // ---- what a cursor sees

  @Test
  void next_withoutAwait_staysWithinWhatWasThere_awaitGoesOn() throws IOException {
    try (Wal wal = open(database())) {
      wal.append(value(1));
      WalCursor cursor = wal.cursor(1);
      wal.append(value(2));

      assertThat(rest(cursor)).containsExactly(1L);
      assertThat(cursor.await(LOOK)).isTrue();
      wal.append(value(3));
      assertThat(rest(cursor)).containsExactly(2L);
      assertThat(cursor.await(LOOK)).isTrue();
      assertThat(rest(cursor)).containsExactly(3L);
      assertThat(cursor.await(LOOK)).isFalse();
      assertThat(cursor.next()).isNull();
    }
  }

  @Test
  void await_entryLeft_isTrueAgainAndAgain_andLosesNone() throws IOException {
    try (Wal wal = open(database())) {
      wal.append(value(1));
      wal.append(value(2));
      WalCursor cursor = wal.cursor(1);

      assertThat(cursor.await(LOOK)).isTrue();
      assertThat(cursor.await(LOOK)).isTrue();
      assertThat(cursor.next().index()).isEqualTo(1);
      assertThat(cursor.await(LOOK)).isTrue();
      assertThat(cursor.next().index()).isEqualTo(2);
    }
  }

  @Test
  void await_fromAnIndexAhead_waitsForThatOne() throws IOException {
    try (Wal wal = open(unique())) {
      WalCursor cursor = wal.cursor(50);
      wal.write(49, "k", value(49));
      assertThat(cursor.await(LOOK)).isFalse();
      wal.write(70, "k", value(70));
      assertThat(cursor.await(LOOK)).isTrue();
      wal.write(60, "k", value(60));

      assertThat(rest(cursor)).as("a look is a look").containsExactly(70L);
      assertThat(cursor.await(LOOK)).as("60 lies behind the cursor").isFalse();
    }
  }

  @Test
  void await_scatteredIndexes_inOrderAcrossSegments() throws IOException {
    try (Wal wal = open(unique())) {
      WalCursor cursor = wal.cursor(0);
      List<Long> written = new ArrayList<>();
      List<Long> seen = new ArrayList<>();
      for (long i = 0; i < 95; i++) {
        written.add(i * 1000 + i * i);
        wal.write(i * 1000 + i * i, "k", value(i));
        if (i % 7 == 0) {
          assertThat(cursor.await(LOOK)).isTrue();
          seen.addAll(rest(cursor));
        }
      }
      assertThat(cursor.await(LOOK)).isTrue();
      seen.addAll(rest(cursor));

      assertThat(seen).isEqualTo(written);
    }
  }

  @Test
  void cursor_wrongArguments_namesThem() throws IOException {
    try (Wal wal = open(database())) {
      assertThatThrownBy(() -> wal.cursor(-1, ReadUpTo.DURABLE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("index: -1");
      assertThatThrownBy(() -> wal.cursor(1, null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("upTo");
      assertThatThrownBy(() -> wal.cursor(1).await(null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("timeout");
    }
  }

  // ---- durable

  @Test
  void durableCursor_stopsAtTheDurablePoint_andFollowsIt() throws IOException {
    try (Wal wal = open(database().syncMode(SyncMode.NONE))) {
      wal.appendWithSync(value(1));
      wal.append(value(2));
      WalCursor durable = wal.cursor(1, ReadUpTo.DURABLE);
      WalCursor visible = wal.cursor(1, ReadUpTo.VISIBLE);

      assertThat(rest(durable)).containsExactly(1L);
      assertThat(rest(visible)).containsExactly(1L, 2L);
      assertThat(durable.await(LOOK)).isFalse();
      wal.append(value(3));
      assertThat(durable.await(LOOK)).isFalse();
      assertThat(wal.sync()).isEqualTo(3);
      wal.append(value(4));
      assertThat(durable.await(LOOK)).isTrue();
      assertThat(rest(durable)).containsExactly(2L, 3L);
      assertThat(durable.await(LOOK)).isFalse();
    }
  }

  @Test
  void durableCursor_isWokenByASync_notByAWrite() throws IOException {
    try (Wal wal = open(database().syncMode(SyncMode.NONE))) {
      WalCursor cursor = wal.cursor(1, ReadUpTo.DURABLE);
      Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
      awaitParked(waiting.thread());

      wal.append(value(1));
      assertThat(wal.cursor(1, ReadUpTo.DURABLE).await(Duration.ofMillis(20))).isFalse();
      assertThat(waiting.outcome()).isNotDone();
      wal.sync();

      assertThat(waiting.result()).isTrue();
      assertThat(cursor.next().index()).isEqualTo(1);
    }
  }

  // ---- waiting

  @Test
  void await_isWokenByAWrite_blockingAsyncOrBatch() throws IOException {
    try (Wal wal = open(unique())) {
      WalCursor cursor = wal.cursor(1);
      for (int i = 1; i <= 30; i++) {
        Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
        awaitParked(waiting.thread());

        switch (i % 3) {
          case 0 -> wal.write(i, "k", value(i));
          case 1 -> wal.appendAsync(value(i));
          default -> wal.append(new WriteBatch().add("k", value(i)));
        }

        assertThat(waiting.result()).isTrue();
        assertThat(rest(cursor)).containsExactly((long) i);
      }
    }
  }

  @Test
  void await_timeOver_isFalse_andTheCursorGoesOn() throws IOException {
    try (Wal wal = open(database())) {
      WalCursor cursor = wal.cursor(1);

      assertThat(cursor.await(Duration.ofMillis(1))).isFalse();
      assertThat(cursor.await(Duration.ofSeconds(Long.MIN_VALUE))).isFalse();
      wal.append(value(1));
      assertThat(cursor.await(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
    }
  }

  @Test
  void await_interrupted_throws_keepsTheStatus_andTheCursorGoesOn() throws IOException {
    try (Wal wal = open(database())) {
      WalCursor cursor = wal.cursor(1);
      AtomicBoolean status = new AtomicBoolean();
      Await.Started<Boolean> waiting =
          Await.start(
              () -> {
                try {
                  return cursor.await(FOREVER);
                } finally {
                  status.set(Thread.currentThread().isInterrupted());
                }
              });
      awaitParked(waiting.thread());

      waiting.thread().interrupt();

      assertThat(waiting.failure()).isInstanceOf(InterruptedIOException.class);
      assertThat(status).isTrue();
      wal.append(value(1));
      assertThat(cursor.await(LOOK)).isTrue();
      assertThat(cursor.next().index()).isEqualTo(1);
    }
  }

  @Test
  void await_logOrCursorClosed_throws() throws IOException {
    Wal wal = open(database());
    wal.append(value(1));
    WalCursor cursor = wal.cursor(2);
    WalCursor durable = wal.cursor(2, ReadUpTo.DURABLE);
    WalCursor closed = wal.cursor(1);
    closed.close();
    Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
    Await.Started<Boolean> waitingDurable = Await.start(() -> durable.await(FOREVER));
    awaitParked(waiting.thread());
    awaitParked(waitingDurable.thread());

    assertThatThrownBy(() -> closed.await(LOOK)).isInstanceOf(LogClosedException.class);
    wal.close();

    assertThat(waiting.failure()).isInstanceOf(LogClosedException.class);
    assertThat(waitingDurable.failure()).isInstanceOf(LogClosedException.class);
    assertThatThrownBy(() -> cursor.await(LOOK)).isInstanceOf(LogClosedException.class);
  }

  /** Each side goes on only when the other has: one lost wake-up, and all stand still. */
  @Test
  void await_inLockStepWithTheWriter_noWakeUpIsLost() throws Exception {
    for (SyncMode mode : new SyncMode[] {SyncMode.NONE, SyncMode.BATCH}) {
      try (Wal wal = open(unique(base.resolve("log " + mode)).syncMode(mode))) {
        WalCursor cursor = wal.cursor(1);
        Exchanger<Long> turn = new Exchanger<>();
        int rounds = mode == SyncMode.NONE ? 20_000 : 1000;
        Await.Started<Void> reading =
            Await.start(
                () -> {
                  for (long i = 1; i <= rounds; i++) {
                    assertThat(cursor.await(FOREVER)).isTrue();
                    assertThat(cursor.next().index()).isEqualTo(i);
                    if (i % 64 == 0) {
                      turn.exchange(i);
                    }
                  }
                  return null;
                });
        for (long i = 1; i <= rounds && !reading.outcome().isDone(); i++) {
          wal.append(value(i));
          if (i % 64 == 0) {
            turn.exchange(i);
          }
        }
        reading.result();
      }
    }
  }

  @Test
  void await_manyReadersBesideManyWriters_eachSeesAllInOrder() throws IOException {
    int entries = 6000;
    try (Wal wal = open(unique().syncMode(SyncMode.NONE))) {
      List<CompletableFuture<Void>> readers = new ArrayList<>();
      boolean virtual = Runtime.version().feature() >= 21;
      for (int r = 0; r < 8; r++) {
        ReadUpTo upTo = r % 2 == 0 ? ReadUpTo.VISIBLE : ReadUpTo.DURABLE;
        readers.add(
            virtual && r % 4 < 2
                ? CarrierProgram.startVirtual(() -> follow(wal, upTo, entries))
                : Await.start(() -> follow(wal, upTo, entries)).outcome());
      }
      AtomicLong left = new AtomicLong(entries);
      List<Await.Started<Void>> writers = new ArrayList<>();
      for (int w = 0; w < 4; w++) {
        writers.add(
            Await.start(
                () -> {
                  for (long n = left.getAndDecrement(); n > 0; n = left.getAndDecrement()) {
                    long index = wal.append(bytes("x"));
                    if (index % 500 == 0) {
                      wal.sync();
                    }
                  }
                  return null;
                }));
      }

      writers.forEach(Await.Started::result);
      wal.sync();
      readers.forEach(CompletableFuture::join);
    }
  }

  private static Void follow(Wal wal, ReadUpTo upTo, long last) throws IOException {
    WalCursor cursor = wal.cursor(1, upTo);
    for (long i = 1; i <= last; i++) {
      assertThat(cursor.await(FOREVER)).isTrue();
      long durable = wal.durableIndex();
      assertThat(cursor.next().index()).isEqualTo(i);
      if (upTo == ReadUpTo.DURABLE) {
        assertThat(i).isLessThanOrEqualTo(durable);
      }
    }
    return null;
  }

  // ---- retention

  @Test
  void await_entriesAheadRemovedBeforeTheyWereSeen_isCompacted_aNewCursorGoesOn()
      throws IOException {
    try (Wal wal = open(unique().maxSegments(2))) {
      WalCursor cursor = wal.cursor(1);
      WalCursor waiting = wal.cursor(31);
      for (int i = 1; i <= 45; i++) {
        wal.append(value(i));
      }

      for (int again = 0; again < 2; again++) {
        assertThatThrownBy(() -> cursor.await(LOOK))
            .isInstanceOf(CompactedException.class)
            .hasMessageContaining("from index 1")
            .hasMessageContaining("up to index 30");
      }
      assertThat(cursor.next()).isNull();
      assertThat(waiting.await(LOOK)).isTrue();
      assertThat(waiting.next().index()).isEqualTo(31);
      assertThat(wal.cursor(1).next().index()).isEqualTo(31);
    }
  }

  @Test
  void await_parked_isWokenByRetention() throws IOException {
    try (Wal wal = open(unique().maxSegments(1).indexOrder(IndexOrder.UNIQUE))) {
      wal.write(1000, "k", value(1000));
      WalCursor cursor = wal.cursor(1001, ReadUpTo.DURABLE);
      Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
      awaitParked(waiting.thread());

      for (int i = 1; i <= 30; i++) {
        wal.write(2000 + i, "k", value(i)); // unsynced, and gone before it is durable
      }

      assertThat(waiting.failure()).isInstanceOf(CompactedException.class);
    }
  }

  /** Readers fall behind and start again where the log starts; what they get is right. */
  @Test
  void fault49_retentionRacingReaders_rightBytesOrCompacted() throws IOException {
    int entries = 20_000;
    try (Wal wal = open(unique().maxSegments(3).maxOpenSegments(1).syncMode(SyncMode.NONE))) {
      List<Await.Started<Long>> readers = new ArrayList<>();
      for (int r = 0; r < 3; r++) {
        int pace = r;
        readers.add(Await.start(() -> followAndFallBehind(wal, pace, entries)));
      }
      for (long i = 1; i <= entries; i++) {
        wal.append("key " + i, value(i));
      }

      for (Await.Started<Long> reader : readers) {
        assertThat(reader.result()).isEqualTo(entries);
      }
    }
  }

  /** Returns the last index seen, once it is the last there will be. */
  private static long followAndFallBehind(Wal wal, int pace, long end) throws IOException {
    long last = 0;
    WalCursor cursor = wal.cursor(1);
    while (last < end) {
      try {
        assertThat(cursor.await(FOREVER)).isTrue();
        for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
          assertThat(entry.index()).isGreaterThan(last);
          last = entry.index();
          assertThat(entry).isEqualTo(WalEntry.of(last, "key " + last, value(last)));
          for (int i = 0; i < pace * 20; i++) {
            assertThat(wal.get(last).map(WalEntry::index).orElse(last)).isEqualTo(last);
          }
        }
      } catch (CompactedException e) {
        cursor = wal.cursor(last + 1);
      }
    }
    return last;
  }
}
