package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What those get who wait for entries of a log that fails, on either body. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalFaultsWhileTailingTest extends WalFaultsFixture {
  private static final Duration FOREVER = Duration.ofDays(1);

  @Test
  void await_logFails_showsWhatIsThere_thenTheFailure() throws IOException {
    Wal wal = open(database().syncMode(SyncMode.NONE));
    appendUpTo(wal, 3);
    WalCursor behind = wal.cursor(3);
    WalCursor durable = wal.cursor(1, ReadUpTo.DURABLE);
    WalCursor cursor = wal.cursor(4);
    Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
    Await.until(() -> waiting.thread().getState() == Thread.State.TIMED_WAITING);
    failNext(Call.SYNC);

    assertFailed(wal::sync, LogFailedException.Outcome.UNKNOWN);

    assertThat(waiting.failure())
        .isInstanceOf(LogFailedException.class)
        .hasMessageContaining("SYNC");
    assertThat(behind.await(FOREVER)).isTrue();
    assertThat(behind.next().index()).isEqualTo(3);
    assertThatThrownBy(() -> behind.await(FOREVER)).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(() -> durable.await(FOREVER)).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
  }

  @Test
  void await_housekeepingFails_isTold() throws IOException {
    Wal wal = open(database().segmentThreshold(2).maxSegments(2).syncMode(SyncMode.NONE));
    WalCursor cursor = wal.cursor(4);
    Await.Started<Boolean> waiting = Await.start(() -> cursor.await(FOREVER));
    Await.until(() -> waiting.thread().getState() == Thread.State.TIMED_WAITING);
    failNext(Call.SYNC);
    appendUpTo(wal, 3); // sealing the first segment, behind the writing, is what fails

    Throwable failure = waiting.failure();

    assertThat(failure).isInstanceOf(LogFailedException.class);
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
  }
}
