package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Made;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A batch whose bytes are written and whose sync fails, with callers of every kind in it. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalFaultsOfASyncTest extends WalFaultsFixture {
  private final IOException first = FaultyDisk.ioError("sync").get();
  private final List<Await.Started<Long>> callersInIt = new ArrayList<>();
  private final List<CompletableFuture<Long>> futuresInIt = new ArrayList<>();
  private final List<CompletableFuture<Long>> futuresBehind = new ArrayList<>();
  private final List<Await.Started<Long>> callersBehind = new ArrayList<>();

  @Test
  void fault10_failedSyncOfABatch_tellsEveryWaiter() throws IOException {
    Wal wal = open(database().syncMode(SyncMode.BATCH));
    appendUpTo(wal, 1); // with the zeros ahead of it
    int writes = disk.count(Call.WRITE);
    disk.before(Call.WRITE, writes + 1, () -> fillTheNextBatch(wal));
    disk.shorten(
        Call.WRITE,
        writes + 2,
        Integer.MAX_VALUE,
        () -> {
          queueBehind(wal);
          return first;
        });

    CompletableFuture<Long> ahead = wal.appendAsync(new byte[] {2});
    Await.until(() -> wal.stats().failure().isPresent());

    callersInIt.forEach(caller -> assertEnd(caller.failure(), Outcome.UNKNOWN));
    futuresInIt.forEach(future -> assertEnd(Await.failure(future), Outcome.UNKNOWN));
    callersBehind.forEach(caller -> assertEnd(caller.failure(), Outcome.NOT_WRITTEN));
    futuresBehind.forEach(future -> assertEnd(Await.failure(future), Outcome.NOT_WRITTEN));
    assertEnd(Await.failure(wal.whenDurable(5)), Outcome.UNKNOWN);
    assertThat(wal.whenDurable(1).join()).isEqualTo(1);
    assertThat(wal.stats().failure()).containsSame(first);
    assertThatThrownBy(wal::close).hasCause(first);
    assertThat(syncsFrom(writes + 2)).as("the failed one alone").hasSize(1);
    assertHolds(ahead.isCompletedExceptionally() ? 1 : 2, 8);
  }

  /** Runs while a batch is written: what is queued now shares the next one. */
  private void fillTheNextBatch(Wal wal) {
    for (int i = 3; i <= 6; i++) {
      futuresInIt.add(wal.appendAsync(new byte[] {(byte) i}));
    }
    futuresInIt.add(wal.whenDurable(4));
    callersInIt.add(Await.start(() -> wal.append(new byte[] {7})));
    callersInIt.get(0).awaitParked();
    callersInIt.add(Await.start(wal::sync));
    callersInIt.get(1).awaitParked();
    futuresInIt.add(wal.appendAsync(new byte[] {8}));
  }

  /** Runs while the sync fails. */
  private void queueBehind(Wal wal) {
    futuresBehind.add(wal.appendAsync(new byte[] {9}));
    callersBehind.add(Await.start(() -> wal.append(new byte[] {10})));
    callersBehind.add(Await.start(wal::sync));
    callersBehind.forEach(Await.Started::awaitParked);
    futuresBehind.add(wal.appendWithSyncAsync(new byte[] {11}));
  }

  private void assertEnd(Throwable end, Outcome outcome) {
    assertThat(end)
        .isInstanceOfSatisfying(
            LogFailedException.class,
            e -> {
              assertThat(e.outcome()).isEqualTo(outcome);
              assertThat(e.getCause()).isSameAs(first);
            });
  }

  /** The calls that were to make something durable, from the Nth write on. */
  private List<Made> syncsFrom(int write) {
    return disk.calls().stream()
        .dropWhile(made -> made.call() != Call.WRITE || made.number() < write)
        .filter(Made::syncs)
        .toList();
  }
}
