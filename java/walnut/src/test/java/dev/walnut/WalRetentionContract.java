package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.DuplicateIndexException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Segments: when they start, what a restart finds in them, and when they go. */
abstract class WalRetentionContract extends LogContract {

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
        assertLives(wal, life);
        for (int i = 0; i < 7; i++) {
          wal.append("key " + i, bytes("life " + life + " entry " + i));
        }
      }
    }
    try (Wal wal = open(unique())) {
      assertLives(wal, 9);
    }
  }

  /** Each life goes on in what the one before left behind when it was killed. */
  @Test
  void restartsInTheMiddleOfRotations_withoutClosing_keepEverything() throws IOException {
    Path before = dir();
    for (int life = 0; life < 9; life++) {
      Path copy = base.resolve("life " + life);
      try (Wal wal = open(unique(before))) {
        assertLives(wal, life);
        for (int i = 0; i < 7; i++) {
          wal.append("key " + i, bytes("life " + life + " entry " + i));
        }
        copyWhileOpen(before, copy);
      }
      before = copy;
    }
    try (Wal wal = open(unique(before).openCheck(OpenCheck.FULL))) {
      assertLives(wal, 9);
    }
  }

  private static void assertLives(Wal wal, int lives) throws IOException {
    assertThat(wal.size()).isEqualTo(lives * 7L);
    assertThat(wal.lastIndex()).isEqualTo(lives * 7L);
    assertThat(wal.recoveryReport().cutBytes()).isZero();
    List<WalEntry> expected = new ArrayList<>();
    for (int n = 0; n < lives * 7; n++) {
      String value = "life " + n / 7 + " entry " + n % 7;
      expected.add(WalEntry.of(n + 1, "key " + n % 7, bytes(value)));
    }
    assertThat(wal).containsExactlyElementsOf(expected);
    for (WalEntry entry : expected) {
      assertThat(wal.get(entry.index())).contains(entry);
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

  /** Entries as large as a segment, so that each, and what follows it, starts a new one. */
  private WalConfig.Builder oneEntryASegment() {
    return unique().segmentThreshold(0).segmentBytes(8192);
  }

  @Test
  void lastIndex_tailHoldsOnlyATombstone_doesNotGoBack() throws IOException {
    Path killed;
    try (Wal wal = open(oneEntryASegment())) {
      wal.write(5, "five", new byte[9000]);
      wal.write(2, "two", new byte[9000]);
      wal.tombstone(5);
      wal.tombstone(2);
      killed = copyWhileOpen("killed");
      assertThat(wal.lastIndex()).isEqualTo(5);
    }

    assertThat(recordTypes(killed).lastEntry().getValue())
        .containsExactly(RecordInfo.Type.TOMBSTONE, RecordInfo.Type.TOMBSTONE);
    assertThat(recordTypes(dir()).lastEntry().getValue())
        .contains(RecordInfo.Type.TOMBSTONE)
        .doesNotContain(RecordInfo.Type.ENTRY);
    for (Path dir : List.of(dir(), killed)) {
      try (Wal wal = open(unique(dir))) {
        assertThat(wal.lastIndex()).isEqualTo(5);
        assertThat(indexes(wal)).containsExactly(2L, 5L);
        assertThat(wal.get(5).orElseThrow().isTombstone()).isTrue();
        assertThat(wal.append(bytes("v"))).isEqualTo(6);
      }
    }
  }

  @Test
  void lastIndex_tailHoldsOnlyATombstone_andRetentionTookTheEntry_doesNotGoBack()
      throws IOException {
    Path killed;
    try (Wal wal = open(oneEntryASegment().maxSegments(2))) {
      wal.write(5, "five", new byte[9000]);
      wal.write(2, "two", new byte[9000]);
      wal.tombstone(2);
      Await.until(() -> wal.stats().choresPending() == 0);
      killed = copyWhileOpen("killed");
      assertThat(indexes(wal)).containsExactly(2L);
      assertThat(wal.lastIndex()).isEqualTo(5);
    }

    assertThat(recordTypes(killed)).containsOnlyKeys("segment_1", "segment_2");
    assertThat(recordTypes(killed).lastEntry().getValue())
        .containsExactly(RecordInfo.Type.TOMBSTONE);
    for (Path dir : List.of(dir(), killed)) {
      try (Wal wal = open(unique(dir).maxSegments(2))) {
        assertThat(wal.lastIndex()).isEqualTo(5);
        assertThat(indexes(wal)).containsExactly(2L);
        assertThat(wal.append(bytes("v"))).isEqualTo(6);
        assertThat(wal.write(5, "", bytes("free again"))).isEqualTo(5);
        assertThat(wal.lastIndex()).isEqualTo(6);
      }
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
  void retention_firstDeletion_isAWarningWithFileAndIndexes_onceAnOpenLog() throws IOException {
    try (LoggedWarnings warnings = new LoggedWarnings()) {
      for (int life = 0; life < 2; life++) {
        try (Wal wal = open(unique().maxSegments(3))) {
          int first = life * 50;
          for (int i = 1; i <= 50; i++) {
            wal.write(first + i, "k", bytes("v"));
            Await.until(() -> wal.stats().choresPending() == 0);
            boolean deletes = wal.stats().segmentsDeleted() > 0;
            assertThat(warnings.messages()).hasSize(life + (deletes ? 1 : 0));
          }
          assertThat(wal.stats().segmentsDeleted()).isGreaterThan(1);
        }
      }

      assertThat(warnings.messages().get(0))
          .startsWith("WARNING ")
          .contains(dir().resolve("segment_0").toString())
          .contains("entries 1 to 10, 10 in number");
      assertThat(warnings.messages().get(1))
          .contains("segment_2")
          .contains("entries 21 to 30, 10 in number");
    }
  }

  /** What was taken back left its segments empty; they must not push out those with entries. */
  @Test
  void retention_afterATruncationOverSegments_countsOnlyThoseThatHoldEntries() throws IOException {
    try (Wal wal = open(database().segmentThreshold(10).maxSegments(4))) {
      appendUpTo(wal, 35, "v");
      wal.truncateAfter(12);
      appendUpTo(wal, 25, "w");

      assertThat(wal.stats().segments()).isEqualTo(5);
      assertThat(wal.firstIndex()).isEqualTo(1);
      assertThat(wal.retentionPreview().lastIndex()).isEqualTo(10);

      appendUpTo(wal, 45, "w");
      Await.until(() -> wal.stats().choresPending() == 0);
      assertThat(wal.firstIndex()).isEqualTo(13);
      assertThat(segmentNames().get(0)).isEqualTo("segment_3");
    }
    try (Wal wal = open(database().openCheck(OpenCheck.FULL))) {
      assertThat(wal.firstIndex()).isEqualTo(13);
      assertThat(wal.size()).isEqualTo(33);
    }
  }

  /** The deletion has synced all there is, so nothing is left for the caller's sync to do. */
  @Test
  void sync_behindADeletionThatMadeAllDurable_returnsTheLastIndex_andTellsWhoWaits()
      throws Exception {
    try (Wal wal = open(unique().maxSegments(2))) {
      for (int i = 1; i <= 21; i++) {
        wal.append(bytes("v"));
      }
      Await.until(() -> wal.stats().choresPending() == 0);
      assertThat(wal.stats().segmentsDeleted()).isEqualTo(1);
      CompletableFuture<Long> durable = wal.whenDurable(21);
      WalCursor cursor = wal.cursor(21, ReadUpTo.DURABLE);

      assertThat(wal.sync()).isEqualTo(21);

      assertThat(wal.durableIndex()).isEqualTo(21);
      assertThat(durable.get(30, TimeUnit.SECONDS)).isEqualTo(21);
      assertThat(cursor.await(Duration.ofSeconds(30))).isTrue();
    }
  }

  /** Who listens to a logger may do anything; the log is not to suffer from it. */
  @Test
  void fault38_listenerOfTheLoggerThatThrows_doesNotFailTheLog() throws IOException {
    try (LoggedWarnings warnings = new LoggedWarnings(new IllegalStateException("a listener"));
        Wal wal = open(unique().maxSegments(2))) {
      for (int i = 1; i <= 50; i++) {
        wal.append(bytes("v"));
        Await.until(() -> wal.stats().choresPending() == 0);
      }

      assertThat(warnings.messages()).isNotEmpty();
      assertThat(wal.stats().failure()).isEmpty();
    }
  }

  @Test
  void retention_keepingAll_warnsOfNothing() throws IOException {
    try (LoggedWarnings warnings = new LoggedWarnings();
        Wal wal = open(unique())) {
      for (int i = 1; i <= 50; i++) {
        wal.append(bytes("v"));
      }
      Await.until(() -> wal.stats().choresPending() == 0);

      assertThat(wal.stats().rotations()).isEqualTo(4);
      assertThat(warnings.messages()).isEmpty();
    }
  }
}
