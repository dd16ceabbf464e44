package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.TruncatedException;
import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.ReadOnlyStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Following, by its files alone, a log that is open for writing elsewhere. */
@Timeout(120)
abstract class WalReaderTailContract extends LogContract {
  private static final Duration FOREVER = Duration.ofDays(1);
  private static final Duration LOOK = Duration.ZERO;

  private WalReader openReader(Path dir) throws IOException {
    StoreOpener opener =
        new StoreOpener() {
          @Override
          public OpenedStore open(WalConfig config) {
            throw new AssertionError("not asked for here");
          }

          @Override
          public EntrySource openReadOnly(Path dir, String prefix) throws IOException {
            return ReadOnlyStore.open(SegmentStores.environment(backend()), dir, prefix);
          }
        };
    return Wal.openReadOnly(dir, "segment_", new Internals(opener, Threads.REAL));
  }

  private static byte[] value(long index) {
    return bytes("value " + index);
  }

  private static void append(Wal wal, long upTo) throws IOException {
    while (wal.lastIndex() < upTo) {
      wal.append("key", value(wal.lastIndex() + 1));
    }
  }

  /** Reads on from an index and expects every entry up to another. */
  private static void assertFollows(WalCursor cursor, long from, long to) throws IOException {
    for (long i = from; i <= to; i++) {
      assertThat(cursor.await(FOREVER)).isTrue();
      assertThat(cursor.next()).isEqualTo(WalEntry.of(i, "key", value(i)));
    }
    assertThat(cursor.await(LOOK)).isFalse();
  }

  private static List<String> rest(WalCursor cursor) throws IOException {
    List<String> values = new ArrayList<>();
    while (cursor.await(LOOK)) {
      values.add(text(cursor.next()));
    }
    return values;
  }

  // ---- a writer at work

  @Test
  void await_followsAcrossSegmentsClosingAndReopening() throws IOException {
    open(unique()).close();
    try (WalReader reader = openReader(dir());
        WalCursor cursor = reader.cursor(1)) {
      assertThat(cursor.await(Duration.ofMillis(2))).isFalse();
      long last = 0;
      for (int life = 0; life < 6; life++) {
        try (Wal wal = open(unique().syncMode(life % 2 == 0 ? SyncMode.NONE : SyncMode.BATCH))) {
          append(wal, last + 1);
          assertFollows(cursor, last + 1, last + 1);
          append(wal, last + 38);
          assertFollows(cursor, last + 2, last + 38);
          last += 38;
        }
        assertThat(cursor.await(LOOK)).isFalse();
        assertThat(reader.lastIndex()).isEqualTo(last);
      }
      assertThat(indexes(reader)).hasSize((int) last);
    }
  }

  @Test
  void await_openedWhileClosed_readsOnBehindTheFooter() throws IOException {
    try (Wal wal = open(unique())) {
      append(wal, 15);
    }
    try (WalReader reader = openReader(dir());
        WalCursor cursor = reader.cursor(14)) {
      assertFollows(cursor, 14, 15);
      try (Wal wal = open(unique())) {
        append(wal, 18);
        wal.tombstone(12);
        assertFollows(cursor, 16, 18);
        assertThat(reader.size()).isEqualTo(18);
        assertThat(reader.get(12).orElseThrow().isTombstone()).isTrue();
        assertThat(reader.get(13).orElseThrow().value()).isEqualTo(value(13));
        append(wal, 33);
        assertFollows(cursor, 19, 33);
      }
    }
  }

  @Test
  void await_logThatIsNotThereYet_isThereLater() throws IOException {
    Files.createDirectories(dir());
    try (WalReader reader = openReader(dir());
        WalCursor cursor = reader.cursor(1)) {
      assertThat(cursor.await(LOOK)).isFalse();
      Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
      try (Wal wal = open(unique())) {
        append(wal, 1);
        assertThat(waiting.result()).isTrue();
        assertFollows(cursor, 1, 1);
      }
    }
  }

  @Test
  void reader_staysAsItWas_untilACursorAwaits() throws IOException {
    try (Wal wal = open(unique())) {
      append(wal, 5);
      try (WalReader reader = openReader(dir())) {
        WalCursor cursor = reader.cursor(1);
        append(wal, 7);
        wal.tombstone(6);

        assertThat(reader.lastIndex()).isEqualTo(5);
        assertThat(reader.get(6)).isEmpty();
        assertThat(indexes(reader)).hasSize(5);
        assertThat(cursor.await(LOOK)).as("it has entries left").isTrue();
        assertThat(reader.lastIndex()).isEqualTo(5);
        assertThat(reader.cursor(6).await(LOOK)).isTrue();

        assertThat(reader.lastIndex()).isEqualTo(7);
        assertThat(reader.get(6).orElseThrow().isTombstone()).isTrue();
        assertThat(indexes(reader)).hasSize(7);
      }
    }
  }

  /** In one segment: footers in the background would make a part durable before the sync. */
  @Test
  void durableCursor_stopsWhereTheFilesVouch() throws IOException {
    try (Wal wal = open(unique().syncMode(SyncMode.NONE).segmentThreshold(100))) {
      append(wal, 5);
      try (WalReader reader = openReader(dir());
          WalCursor cursor = reader.cursor(1, ReadUpTo.DURABLE);
          WalCursor visible = reader.cursor(1)) {
        assertThat(cursor.next()).isNull();
        append(wal, 24);
        assertFollows(visible, 1, 24);
        assertThat(cursor.await(LOOK)).isFalse();

        wal.sync();
        append(wal, 25); // its batch says so

        assertFollows(cursor, 1, 24);
        assertThat(visible.await(LOOK)).isTrue();
      }
    }
    try (WalReader reader = openReader(dir())) {
      assertThat(rest(reader.cursor(1, ReadUpTo.DURABLE))).hasSize(25);
    }
  }

  @Test
  void durableCursor_idleLog_seesTheLastToo() throws IOException {
    try (Wal wal = open(unique().syncMode(SyncMode.BATCH));
        WalReader reader = openReader(dir());
        WalCursor cursor = reader.cursor(1, ReadUpTo.DURABLE)) {
      append(wal, 1);

      assertThat(cursor.await(FOREVER)).as("a mark vouches for it soon").isTrue();
      assertThat(cursor.next().index()).isEqualTo(1);
    }
  }

  @Test
  void await_readerClosed_throws() throws IOException {
    open(unique()).close();
    WalReader reader = openReader(dir());
    WalCursor cursor = reader.cursor(1);
    Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
    Await.until(() -> waiting.thread().getState() == Thread.State.TIMED_WAITING);

    reader.close();

    assertThat(waiting.failure()).isInstanceOf(LogClosedException.class);
  }

  // ---- retention

  @Test
  void retention_underTheReader_isCompacted_aNewCursorGoesOn() throws IOException {
    try (Wal wal = open(unique().maxSegments(2))) {
      append(wal, 15);
      try (WalReader reader = openReader(dir())) {
        WalCursor passed = reader.cursor(16);
        WalCursor untouched = reader.cursor(1);
        append(wal, 45);
        Await.until(() -> !Files.exists(dir().resolve("segment_1")));

        assertThatThrownBy(untouched::next).isInstanceOf(CompactedException.class);
        assertThat(reader.get(1)).isEmpty();
        assertThatThrownBy(() -> passed.await(LOOK)).isInstanceOf(CompactedException.class);
        assertThat(reader.firstIndex()).isEqualTo(31);
        assertFollows(reader.cursor(1), 31, 45);
      }
    }
  }

  @Test
  void retention_tailReadToItsEnd_goesOn() throws IOException {
    try (Wal wal = open(unique().maxSegments(2))) {
      append(wal, 20);
      try (WalReader reader = openReader(dir());
          WalCursor cursor = reader.cursor(11)) {
        assertFollows(cursor, 11, 20);
        append(wal, 31);
        Await.until(() -> !Files.exists(dir().resolve("segment_1")));

        assertFollows(cursor, 21, 31);
      }
    }
  }

  // ---- after a crash

  /** Makes the end of a segment's data zeros, as if it had never reached the disk. */
  private static void lose(Path dir, String segment, int batches) throws IOException {
    List<Long> offsets = new ArrayList<>();
    Wal.inspect(
        dir,
        "segment_",
        new WalInspector() {
          private Path file = dir;

          @Override
          public void segment(SegmentInfo info) {
            file = info.file();
          }

          @Override
          public void batch(BatchInfo batch) {
            if (file.endsWith(segment)) {
              offsets.add(batch.offset());
            }
          }
        });
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve(segment).toFile(), "rw")) {
      long from = offsets.get(offsets.size() - batches);
      file.seek(from);
      file.write(new byte[(int) (file.length() - from)]);
    }
  }

  /** A log of 10 entries, 5 of them known to be durable, as its writer's end leaves it. */
  private Path killed() throws IOException {
    try (Wal wal = open(unique().syncMode(SyncMode.NONE).segmentThreshold(100))) {
      append(wal, 5);
      wal.sync();
      append(wal, 10);
      return copyWhileOpen("killed");
    }
  }

  @Test
  void recovery_ofATornEnd_isNothingToTheReader() throws IOException {
    Path killed = killed();
    Wal.inspect(killed, "segment_", new WalInspector() {});
    try (WalReader reader = openReader(killed);
        WalCursor cursor = reader.cursor(1)) {
      assertFollows(cursor, 1, 10);
      tear(killed);
      assertThat(cursor.await(LOOK)).as("a batch that is not whole").isFalse();

      try (Wal wal = open(unique(killed))) {
        assertThat(wal.recoveryReport().cutBytes()).isPositive();
        append(wal, 30);
        assertFollows(cursor, 11, 30);
      }
    }
  }

  /** Puts the start of the last batch behind the last batch: it is not whole there. */
  private static void tear(Path dir) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(dir.resolve("segment_0").toFile(), "rw")) {
      byte[] bytes = new byte[(int) file.length()];
      file.readFully(bytes);
      int end = bytes.length;
      while (bytes[end - 1] == 0) {
        end--;
      }
      file.seek((end + 7) & -8);
      file.write(bytes, 4096, 60);
    }
  }

  @Test
  void recovery_takesBackWhatWasRead_isTruncated_durableGoesOn() throws IOException {
    Path killed = killed();
    try (WalReader reader = openReader(killed);
        WalCursor passed = reader.cursor(1);
        WalCursor within = reader.cursor(7);
        WalCursor durable = reader.cursor(1, ReadUpTo.DURABLE)) {
      assertFollows(passed, 1, 10);
      assertFollows(durable, 1, 5);
      lose(killed, "segment_0", 3);
      try (Wal wal = open(unique(killed))) {
        assertThat(wal.lastIndex()).isEqualTo(7);
        for (int i = 8; i <= 12; i++) {
          wal.append("key", bytes("other " + i));
        }
        wal.sync();
        wal.append("key", bytes("other 13"));

        assertThatThrownBy(within::next).isInstanceOf(TruncatedException.class);
        assertThatThrownBy(within::next).isInstanceOf(TruncatedException.class);
        for (int again = 0; again < 2; again++) {
          assertThatThrownBy(() -> passed.await(LOOK))
              .isInstanceOfSatisfying(
                  TruncatedException.class,
                  e -> {
                    assertThat(e.position()).isEqualTo(11);
                    assertThat(e.lastKept()).isEqualTo(5);
                  });
        }
        assertThat(text(reader.get(8).orElseThrow())).isEqualTo("other 8");
        assertThat(rest(durable))
            .containsExactly(
                "value 6", "value 7", "other 8", "other 9", "other 10", "other 11", "other 12");
      }
    }
  }

  @Test
  void recovery_takesBackASegment_isTruncated() throws IOException {
    Path killed;
    try (Wal wal = open(unique().syncMode(SyncMode.NONE))) {
      append(wal, 25);
      killed = copyWhileOpen("killed");
    }
    try (WalReader reader = openReader(killed);
        WalCursor cursor = reader.cursor(20)) {
      assertFollows(cursor, 20, 25);
      lose(killed, "segment_1", 2);
      try (Wal wal = open(unique(killed))) {
        assertThat(wal.lastIndex()).isEqualTo(18);
        append(wal, 40);

        assertThatThrownBy(() -> cursor.await(LOOK)).isInstanceOf(TruncatedException.class);
        assertFollows(reader.cursor(1), 1, 40);
      }
    }
  }
}
