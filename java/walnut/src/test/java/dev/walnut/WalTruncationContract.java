package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.NonSequentialIndexException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a log owes its callers when entries are taken away, and what holds keep. */
@Timeout(60)
abstract class WalTruncationContract extends LogContract {

  private WalConfig.Builder config(SyncMode mode) {
    return config(dir(), mode);
  }

  private WalConfig.Builder config(Path dir, SyncMode mode) {
    return database(dir).syncMode(mode).segmentThreshold(10);
  }

  private static void assertEnds(WalReader wal, long first, long last, long size) {
    assertThat(wal.firstIndex()).isEqualTo(first);
    assertThat(wal.lastIndex()).isEqualTo(last);
    assertThat(wal.size()).isEqualTo(size);
    assertThat(wal.isEmpty()).isEqualTo(size == 0);
    assertThat(indexes(wal)).hasSize((int) size);
  }

  private interface Look {
    void at(WalReader wal) throws IOException;
  }

  /** Looks at an open log, at what a kill would leave, read-only too, and at the closed log. */
  private void everywhere(Wal wal, SyncMode mode, Look look) throws IOException {
    look.at(wal);
    Await.until(() -> wal.stats().choresPending() == 0);
    Path killed = copyWhileOpen("killed " + System.nanoTime());
    try (WalReader reader = Wal.openReadOnly(killed, "segment_")) {
      look.at(reader);
    }
    try (Wal again = open(config(killed, mode).openCheck(OpenCheck.FULL))) {
      look.at(again);
    }
    wal.close();
    try (WalReader reader = Wal.openReadOnly(dir(), "segment_")) {
      look.at(reader);
    }
    try (Wal again = open(config(mode))) {
      look.at(again);
    }
  }

  // ---- truncation in every mode

  @ParameterizedTest
  @EnumSource(SyncMode.class)
  void truncateBefore_keepsWhatIsAtAndAbove_durably(SyncMode mode) throws IOException {
    try (Wal wal = open(config(mode))) {
      appendUpTo(wal, 35, "v");

      assertThat(wal.truncateBefore(18)).isEqualTo(18);

      assertThat(wal.durableIndex()).isEqualTo(35);
      Await.until(() -> wal.stats().choresPending() == 0);
      assertThat(segmentNames()).contains("segment_1").doesNotContain("segment_0");
      everywhere(
          wal,
          mode,
          w -> {
            assertEnds(w, 18, 35, 18);
            assertThat(w.get(17)).isEmpty();
            assertThat(w.contains(17)).isFalse();
            assertThat(w.get(18)).isPresent();
          });
    }
  }

  @ParameterizedTest
  @EnumSource(SyncMode.class)
  void truncateBefore_beyondTheEnd_emptiesTheLog_andTheNextIndexIsKept(SyncMode mode)
      throws IOException {
    try (Wal wal = open(config(mode))) {
      appendUpTo(wal, 25, "v");

      assertThat(wal.truncateBefore(1000)).isEqualTo(1000);

      everywhere(wal, mode, w -> assertEnds(w, 1000, 999, 0));
    }
    try (Wal wal = open(config(mode))) {
      assertThat(wal.append(bytes("v"))).isEqualTo(1000);
    }
  }

  @ParameterizedTest
  @EnumSource(SyncMode.class)
  void truncateAfter_takesTheEndBack_andItCanBeWrittenAgain(SyncMode mode) throws IOException {
    try (Wal wal = open(config(mode))) {
      appendUpTo(wal, 35, "old");
      WalCursor before = wal.cursor(28);

      wal.truncateAfter(29);

      assertThat(wal.durableIndex()).isEqualTo(29);
      assertEnds(wal, 1, 29, 29);
      assertThatThrownBy(() -> wal.write(31, "k", bytes("gap")))
          .isInstanceOfSatisfying(
              NonSequentialIndexException.class, e -> assertThat(e.expected()).isEqualTo(30));
      assertThat(wal.append("k", bytes("new"))).isEqualTo(30);
      assertThat(wal.write(31, "k", bytes("new"))).isEqualTo(31);
      List<String> seen = new ArrayList<>();
      for (WalEntry entry = before.next(); entry != null; entry = before.next()) {
        seen.add(entry.index() + text(entry));
      }
      assertThat(seen)
          .containsExactly("28old", "29old", "30old", "31old", "32old", "33old", "34old", "35old");
      everywhere(
          wal,
          mode,
          w -> {
            assertEnds(w, 1, 31, 31);
            assertThat(text(w.get(29).orElseThrow())).isEqualTo("old");
            assertThat(text(w.get(30).orElseThrow())).isEqualTo("new");
            assertThat(w.get(32)).isEmpty();
          });
    }
  }

  @ParameterizedTest
  @EnumSource(SyncMode.class)
  void reset_emptiesTheLog_andChoosesTheNextIndex(SyncMode mode) throws IOException {
    for (long next : new long[] {500, 3, 0}) {
      try (Wal wal = open(config(mode))) {
        appendUpTo(wal, wal.lastIndex() + 25, "old");

        wal.reset(next);

        everywhere(wal, mode, w -> assertEnds(w, next, next - 1, 0));
      }
      try (Wal wal = open(config(mode))) {
        assertThatThrownBy(() -> wal.write(next + 1, "k", bytes("gap")))
            .isInstanceOf(NonSequentialIndexException.class);
        assertThat(wal.append(bytes("new"))).isEqualTo(next);
        assertThat(text(wal.get(next).orElseThrow())).isEqualTo("new");
      }
    }
  }

  @Test
  void scatteredIndexes_tombstonesAmongThem_areTruncatedByIndex() throws IOException {
    try (Wal wal = open(unique())) {
      for (long index = 100; index > 0; index -= 7) {
        wal.write(index, "k", bytes("v"));
      }
      wal.tombstone(51);
      wal.tombstone(16);

      assertThat(wal.truncateBefore(20)).isEqualTo(20);
      wal.truncateAfter(60);

      assertThat(indexes(wal)).containsExactly(23L, 30L, 37L, 44L, 51L, 58L);
      assertThat(wal.get(51).orElseThrow().isTombstone()).isTrue();
      assertThatThrownBy(() -> wal.write(16, "k", bytes("v")))
          .isInstanceOf(NonSequentialIndexException.class);
      wal.write(72, "k", bytes("again"));
      wal.write(65, "k", bytes("again"));
    }
    try (Wal wal = open(unique())) {
      assertThat(indexes(wal)).containsExactly(23L, 30L, 37L, 44L, 51L, 58L, 65L, 72L);
      assertThat(wal.get(51).orElseThrow().isTombstone()).isTrue();
    }
  }

  // ---- what changes nothing, and what is refused

  @Test
  void truncation_thatHasNothingToDo_writesNothing() throws IOException {
    try (Wal wal = open(config(SyncMode.BATCH))) {
      appendUpTo(wal, 25, "v");
      wal.truncateBefore(10);
      long batches = wal.stats().batches();

      assertThat(wal.truncateBefore(10)).isEqualTo(10);
      assertThat(wal.truncateBefore(2)).isEqualTo(10);
      wal.truncateAfter(25);
      wal.truncateAfter(1_000);

      assertThat(wal.stats().batches()).isEqualTo(batches);
      assertEnds(wal, 10, 25, 16);
    }
  }

  @Test
  void truncateAfter_belowFirstMinusOne_isRefused_andTheLogGoesOn() throws IOException {
    try (Wal wal = open(config(SyncMode.BATCH))) {
      appendUpTo(wal, 25, "v");
      wal.truncateBefore(10);

      assertThatThrownBy(() -> wal.truncateAfter(8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("lastKept: 8 is out of range: the first index is 10, so at least 9");

      assertThat(wal.append(bytes("v"))).isEqualTo(26);
      wal.truncateAfter(9);
      assertEnds(wal, 10, 9, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"-1", "-9223372036854775808", "9223372036854775807"})
  void arguments_outOfRange_areRefused_namingThem(long index) throws IOException {
    try (Wal wal = open(config(SyncMode.BATCH))) {
      String rest = ": " + index + " is out of range: 0 to 9223372036854775806";
      assertThatThrownBy(() -> wal.truncateBefore(index)).hasMessage("firstKept" + rest);
      assertThatThrownBy(() -> wal.truncateAfter(index)).hasMessage("lastKept" + rest);
      assertThatThrownBy(() -> wal.reset(index)).hasMessage("nextIndex" + rest);
      assertThatThrownBy(() -> wal.hold(index))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("fromIndex" + rest);
      assertThat(wal.stats().holds()).isEmpty();
    }
  }

  @Test
  void closedLog_takesNoTruncationAndNoHold() throws IOException {
    Wal wal = open(config(SyncMode.BATCH));
    WalHold hold = wal.hold(1);
    wal.close();

    assertThatThrownBy(() -> wal.truncateBefore(1))
        .isInstanceOf(LogClosedException.class)
        .hasMessageContaining("truncate before index 1");
    assertThatThrownBy(() -> wal.truncateAfter(1)).isInstanceOf(LogClosedException.class);
    assertThatThrownBy(() -> wal.reset(1)).isInstanceOf(LogClosedException.class);
    assertThatThrownBy(() -> wal.hold(1)).isInstanceOf(LogClosedException.class);
    hold.close();
    assertThat(wal.stats().holds()).isEmpty();
  }

  // ---- order

  @Test
  void truncateAfter_actsBehindEveryWriteQueuedBefore() throws IOException {
    try (Wal wal = open(config(SyncMode.NONE))) {
      List<CompletableFuture<Long>> before = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        before.add(wal.appendAsync(bytes("v")));
      }

      wal.truncateAfter(100);
      CompletableFuture<Long> after = wal.appendAsync(bytes("after"));

      assertThat(after.join()).isEqualTo(101);
      assertThat(before.get(499).join()).isEqualTo(500);
      assertEnds(wal, 1, 101, 101);
    }
  }

  @Test
  void truncations_amongManyWriters_loseNoAcknowledgedEntry() throws Exception {
    try (Wal wal = open(unique().syncMode(SyncMode.BATCH).segmentThreshold(50))) {
      List<Await.Started<Long>> writers = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        writers.add(
            Await.start(
                () -> {
                  long last = 0;
                  for (int i = 0; i < 200; i++) {
                    last = wal.append("k", bytes("v"));
                  }
                  return last;
                }));
      }
      for (int i = 0; i < 50; i++) {
        wal.truncateBefore(Math.max(0, wal.lastIndex() - 30));
      }
      for (Await.Started<Long> writer : writers) {
        writer.result();
      }

      assertThat(wal.lastIndex()).isEqualTo(800);
      assertThat(wal.size()).isEqualTo(801 - wal.firstIndex());
      long kept = wal.truncateBefore(790);
      assertThat(indexes(wal)).startsWith(kept).hasSize(11);
    }
    try (Wal wal = open(unique())) {
      assertEnds(wal, 790, 800, 11);
    }
  }

  // ---- readers

  @Test
  void cursor_whoseSegmentWasTruncated_getsCompacted() throws IOException {
    try (Wal wal = open(config(SyncMode.BATCH))) {
      appendUpTo(wal, 35, "v");
      WalCursor cursor = wal.cursor(1);

      wal.truncateBefore(31);
      Await.until(() -> wal.stats().choresPending() == 0);

      assertThatThrownBy(cursor::next).isInstanceOf(CompactedException.class);
      assertThat(wal.get(1)).isEmpty();
      assertThat(wal.stats().segmentsDeleted()).isEqualTo(3);
    }
  }

  // ---- waiting for durability

  @Test
  void whenDurable_ofAnIndexBelowTheFirstKept_completes() throws IOException {
    try (Wal wal = open(unique().syncMode(SyncMode.NONE))) {
      wal.write(1, "k", bytes("v"));
      CompletableFuture<Long> neverWritten = wal.whenDurable(5);
      CompletableFuture<Long> later = wal.whenDurable(10);

      wal.truncateBefore(10);

      assertThat(neverWritten.join()).isEqualTo(5);
      assertThat(wal.whenDurable(9).join()).isEqualTo(9);
      assertThat(later).isNotDone();
      wal.writeWithSync(10, "k", bytes("v"));
      assertThat(later.join()).isEqualTo(10);
    }
  }

  @Test
  void whenDurable_ofAnIndexTakenBack_waitsUntilItIsWrittenAgain() throws IOException {
    try (Wal wal = open(unique().syncMode(SyncMode.NONE))) {
      wal.write(1, "k", bytes("v"));
      wal.write(5, "k", bytes("v"));
      CompletableFuture<Long> future = wal.whenDurable(5);

      wal.truncateAfter(3);
      wal.writeWithSync(8, "k", bytes("v"));
      assertThat(wal.whenDurable(8).join()).isEqualTo(8); // so a look has been taken
      assertThat(future).isNotDone();

      wal.writeWithSync(5, "k", bytes("v"));
      assertThat(future.join()).isEqualTo(5);
    }
  }

  // ---- holds

  @Test
  void hold_stopsTruncateBefore_isListed_andClosedTwice() throws IOException {
    try (Wal wal = open(config(SyncMode.BATCH))) {
      appendUpTo(wal, 35, "v");
      WalHold high = wal.hold(30);
      WalHold low = wal.hold(12);
      WalHold same = wal.hold(12);
      assertThat(wal.stats().holds()).containsExactly(12L, 12L, 30L);
      assertThat(low.fromIndex()).isEqualTo(12);

      assertThat(wal.truncateBefore(33)).isEqualTo(12);
      low.close();
      low.close();
      assertThat(wal.truncateBefore(33)).isEqualTo(12);
      same.close();
      assertThat(wal.truncateBefore(33)).isEqualTo(30);
      assertThat(wal.hold(3).fromIndex()).isEqualTo(30);
      high.close();

      assertThat(wal.stats().holds()).containsExactly(30L);
      assertEnds(wal, 30, 35, 6);
    }
    try (Wal wal = open(config(SyncMode.BATCH))) {
      assertThat(wal.stats().holds()).isEmpty();
      assertThat(wal.truncateBefore(33)).isEqualTo(33);
    }
  }

  @Test
  void hold_stopsRetention_untilItIsClosed() throws IOException {
    try (Wal wal = open(unique().maxSegments(2))) {
      appendUpTo(wal, 20, "v");
      try (WalHold hold = wal.hold(15)) {
        appendUpTo(wal, 75, "v");
        assertThat(wal.firstIndex()).isEqualTo(11);
        assertThat(indexes(wal)).startsWith(11L, 12L).hasSize(65);
        assertThat(hold.fromIndex()).isEqualTo(15);
      }
      assertThat(wal.firstIndex()).isEqualTo(11);

      appendUpTo(wal, 81, "v");

      assertThat(wal.firstIndex()).isEqualTo(71);
      Await.until(() -> wal.stats().choresPending() == 0);
      assertThat(segmentNames()).doesNotContain("segment_1", "segment_6");
    }
  }

  // ---- what inspection shows

  @Test
  void inspect_showsTheRecordsOfATruncation() throws IOException {
    try (Wal wal = open(config(SyncMode.BATCH))) {
      appendUpTo(wal, 25, "v");
      wal.truncateAfter(23);
      wal.truncateBefore(22);
      wal.reset(7);
    }
    List<String> records = new ArrayList<>();
    Wal.inspect(
        dir(),
        "segment_",
        new WalInspector() {
          @Override
          public void record(RecordInfo record) {
            switch (record.type()) {
              case TRUNCATE_BEFORE, TRUNCATE_AFTER, RESET ->
                  records.add(record.type() + " " + record.index());
              default -> assertThat(record.check()).isEqualTo(CheckResult.OK);
            }
          }
        });

    assertThat(records).containsExactly("TRUNCATE_AFTER 23", "TRUNCATE_BEFORE 22", "RESET 7");
  }
}
