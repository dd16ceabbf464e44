package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.TruncatedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cursors that follow a log whose ends are truncated: typed, never a wrong continuation. */
@Timeout(120)
abstract class WalTailTruncationContract extends LogContract {
  private static final Duration FOREVER = Duration.ofDays(1000 * 365);
  private static final Duration LOOK = Duration.ZERO;

  /** With several segments, as the truncations go across them. */
  private WalConfig.Builder smallDatabase() {
    return database().segmentThreshold(10);
  }

  private static void append(Wal wal, String text, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      wal.append(bytes(text));
    }
  }

  private static List<String> read(WalCursor cursor, int count) throws IOException {
    List<String> read = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      WalEntry entry = cursor.next();
      assertThat(entry).as("entry %s of %s", i + 1, count).isNotNull();
      read.add(entry.index() + " " + text(entry));
    }
    return read;
  }

  @ParameterizedTest
  @EnumSource(ReadUpTo.class)
  void await_endTruncatedBelowThePosition_isTyped(ReadUpTo upTo) throws IOException {
    try (Wal wal = open(smallDatabase())) {
      append(wal, "old", 25);
      WalCursor cursor = wal.cursor(1, upTo);
      read(cursor, 25);

      wal.truncateAfter(20);
      append(wal, "new", 10);

      assertThatThrownBy(() -> cursor.await(LOOK))
          .isInstanceOfSatisfying(
              TruncatedException.class,
              e -> {
                assertThat(e.position()).isEqualTo(26);
                assertThat(e.lastKept()).isEqualTo(20);
              });
      assertThat(cursor.next()).as("no entry written in their place").isNull();
    }
  }

  @ParameterizedTest
  @EnumSource(ReadUpTo.class)
  void await_endTruncatedAtThePosition_goesOnWithWhatTookItsPlace(ReadUpTo upTo)
      throws IOException {
    try (Wal wal = open(smallDatabase())) {
      append(wal, "old", 25);
      WalCursor cursor = wal.cursor(1, upTo);
      read(cursor, 20);

      wal.truncateAfter(20);
      append(wal, "new", 2);

      assertThat(cursor.await(LOOK)).isTrue();
      assertThat(read(cursor, 2)).containsExactly("21 new", "22 new");
      assertThat(cursor.await(LOOK)).isFalse();
    }
  }

  @Test
  void next_withoutAwait_afterTruncationAndRewriting_showsNothingNew() throws IOException {
    try (Wal wal = open(smallDatabase())) {
      append(wal, "old", 25);
      WalCursor cursor = wal.cursor(20);

      wal.truncateAfter(20);
      append(wal, "new", 5);

      List<String> shown = new ArrayList<>();
      for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        shown.add(text(entry));
      }
      assertThat(shown).isNotEmpty().containsOnly("old");
    }
  }

  @Test
  void await_whileParked_isWokenByReset() throws Exception {
    try (Wal wal = open(smallDatabase())) {
      append(wal, "old", 5);
      WalCursor cursor = wal.cursor(1);
      read(cursor, 5);
      Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
      Await.until(() -> waiting.thread().getState() == Thread.State.TIMED_WAITING);

      wal.reset(100);

      assertThat(waiting.failure()).isInstanceOf(TruncatedException.class);
    }
  }

  @Test
  void await_frontTruncatedBehindThePosition_isNotDisturbed() throws IOException {
    try (Wal wal = open(smallDatabase())) {
      append(wal, "old", 25);
      WalCursor cursor = wal.cursor(1);
      read(cursor, 15);

      wal.truncateBefore(16);

      assertThat(cursor.await(LOOK)).isTrue();
      assertThat(read(cursor, 10)).startsWith("16 old").endsWith("25 old");
    }
  }

  @Test
  void await_frontTruncatedAheadOfThePosition_isCompacted_andAHoldPreventsIt() throws IOException {
    try (Wal wal = open(smallDatabase())) {
      append(wal, "old", 25);
      WalCursor slow = wal.cursor(1);
      read(slow, 5);

      try (WalHold hold = wal.hold(6)) {
        assertThat(wal.truncateBefore(20)).isEqualTo(hold.fromIndex()).isEqualTo(6);
        assertThat(slow.await(LOOK)).isTrue();
        assertThat(read(slow, 1)).containsExactly("6 old");
      }
      WalCursor left = wal.cursor(26);
      append(wal, "old", 3);
      wal.truncateBefore(30);

      assertThatThrownBy(() -> left.await(LOOK)).isInstanceOf(CompactedException.class);
    }
  }

  @Test
  void reader_ofTheFiles_followsTruncationAtBothEnds() throws IOException {
    try (Wal wal = open(smallDatabase())) {
      append(wal, "old", 25);
      try (WalReader reader = Wal.openReadOnly(dir(), "segment_");
          WalCursor done = reader.cursor(1);
          WalCursor half = reader.cursor(1)) {
        read(done, 25);
        read(half, 10);
        wal.truncateAfter(20);
        append(wal, "new", 3);

        assertThatThrownBy(() -> done.await(LOOK)).isInstanceOf(TruncatedException.class);
        assertThat(half.await(LOOK)).isTrue();
        assertThat(read(half, 13)).startsWith("11 old").endsWith("21 new", "22 new", "23 new");
        assertThat(reader.lastIndex()).isEqualTo(23);
      }
      wal.reset(100);
      append(wal, "newest", 1);
      try (WalReader reader = Wal.openReadOnly(dir(), "segment_")) {
        assertThat(reader.firstIndex()).isEqualTo(100);
        assertThat(reader.size()).isEqualTo(1);
      }
    }
  }
}
