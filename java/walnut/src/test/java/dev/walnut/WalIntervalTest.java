package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A log that syncs in intervals, over files and real threads, on either body. */
@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalIntervalTest extends WalFaultsFixture {
  private final StillClock clock = new StillClock();

  private Wal open(long millis) throws IOException {
    return open(
        database().syncMode(SyncMode.INTERVAL).syncInterval(Duration.ofMillis(millis)), clock);
  }

  @Test
  void entries_areAcknowledgedBeforeTheySync_andSyncedInTime() throws Exception {
    try (Wal wal = open(500)) {
      int before = disk.countOfSyncs();
      appendUpTo(wal, 3);
      assertThat(wal.durableIndex()).isZero();
      CompletableFuture<Long> durable = wal.whenDurable(3);
      assertThat(disk.countOfSyncs()).isEqualTo(before);

      clock.pass(Duration.ofMillis(500));

      assertThat(durable.get()).isEqualTo(3);
      assertThat(wal.durableIndex()).isEqualTo(3);
      assertThat(disk.countOfSyncs()).isEqualTo(before + 1);
    }
  }

  @Test
  void failedSync_failsTheLog_whatWasAcknowledgedMayBeThere() throws IOException {
    Wal wal = open(500);
    appendUpTo(wal, 3);
    failNext(Call.SYNC);

    clock.pass(Duration.ofMillis(500));

    Await.until(() -> wal.stats().failure().isPresent());
    int syncs = disk.countOfSyncs();
    assertFailed(() -> wal.append(new byte[] {4}), Outcome.NOT_WRITTEN);
    assertThat(wal.get(3)).isPresent();
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
    assertThat(disk.countOfSyncs()).as("never synced again").isEqualTo(syncs);
    assertHolds(0, 3);
  }

  @Test
  void close_beforeTheInterval_syncsAsEverywhere() throws IOException {
    Wal wal = open(3_600_000);
    appendUpTo(wal, 3);
    int syncs = disk.countOfSyncs();

    wal.close();

    assertThat(disk.countOfSyncs()).isGreaterThan(syncs);
    assertHolds(3, 3);
  }

  /** The shortest there is, against the real clock: it must come, though nobody asks for it. */
  @Test
  void realClock_syncsWithoutBeingAsked() throws Exception {
    WalConfig config =
        database()
            .backend(body)
            .syncMode(SyncMode.INTERVAL)
            .syncInterval(Duration.ofMillis(1))
            .build();
    try (Wal wal = Wal.open(config)) {
      for (int i = 1; i <= 100; i++) {
        appendUpTo(wal, i);
        assertThat(wal.whenDurable(i).get()).isEqualTo(i);
      }
    }
  }
}
