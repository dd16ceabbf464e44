package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.FakeStore.Hold;
import dev.walnut.FakeStore.Step;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.exception.NoSpaceException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What shares a batch with a truncation, and what becomes of one that fails. */
@Timeout(60)
class TruncationOrderTest {
  private static final byte[] VALUE = {1, 2, 3};

  private final FakeStore store = new FakeStore();
  private Wal wal;

  @BeforeEach
  void open() throws IOException {
    WalConfig config = WalConfig.builder(Path.of("log")).build();
    wal = Wal.open(config, new Internals(store, Threads.REAL));
  }

  @AfterEach
  void close() throws IOException {
    store.hook = step -> {};
    try {
      wal.close();
    } catch (LogFailedException e) {
      assertThat(wal.stats().failure()).isPresent();
    }
  }

  private void awaitQueued(int requests) {
    Await.until(() -> wal.stats().queuedRequests() >= requests);
  }

  private Await.Started<Long> truncateAfter(long lastKept) {
    return Await.start(
        () -> {
          wal.truncateAfter(lastKept);
          return lastKept;
        });
  }

  @Test
  void truncation_betweenWrites_isADurableBatchOfItsOwn_inOrder() throws IOException {
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> leading = wal.appendAsync(VALUE);
    hold.awaitArrival();
    CompletableFuture<Long> before = wal.appendAsync(VALUE);
    CompletableFuture<Long> alsoBefore = wal.appendAsync(VALUE);
    Await.Started<Long> truncation = truncateAfter(2);
    awaitQueued(4);
    truncation.awaitParked(); // it has room before it is queued
    CompletableFuture<Long> after = wal.appendAsync(VALUE);
    CompletableFuture<Long> alsoAfter = wal.appendAsync(VALUE);

    hold.release();

    assertThat(leading.join()).isEqualTo(1);
    assertThat(before.join()).isEqualTo(2);
    assertThat(alsoBefore.join()).isEqualTo(3);
    assertThat(truncation.result()).isEqualTo(2);
    assertThat(after.join()).isEqualTo(3);
    assertThat(alsoAfter.join()).isEqualTo(4);
    assertThat(store.batches.stream().map(FakeStore.Batch::size)).containsExactly(1, 2, 0, 2);
    assertThat(store.batches.stream().map(FakeStore.Batch::durable))
        .containsExactly(false, false, true, false);
    assertThat(store.events).containsExactly("truncated");
  }

  @Test
  void truncation_behindAWriteWithoutSpace_isRefusedWithIt() throws IOException {
    wal.append(VALUE);
    Hold hold = store.holdAt(Step.COMMIT);
    CompletableFuture<Long> refused = wal.appendAsync(VALUE);
    hold.awaitArrival();
    Await.Started<Long> truncation = truncateAfter(0);
    awaitQueued(2);
    truncation.awaitParked();

    store.thenFailNow(hold, new NoSpaceException("a test", new IOException("full")));

    assertThat(Await.failure(refused)).isInstanceOf(NoSpaceException.class);
    assertThat(truncation.failure())
        .isInstanceOf(NoSpaceException.class)
        .hasMessageContaining("truncate after index 0: not written");
    assertThat(wal.lastIndex()).isEqualTo(1);
    assertThat(store.events).isEmpty();
    assertThat(wal.append(VALUE)).isEqualTo(2);
  }

  @Test
  void truncation_withoutSpace_changesNothing_andTheLogGoesOn() throws IOException {
    wal.append(VALUE);
    store.failAt(Step.COMMIT, new NoSpaceException("a test", new IOException("full")));

    assertThat(truncateAfter(0).failure()).isInstanceOf(NoSpaceException.class);

    store.hook = step -> {};
    assertThat(wal.append(VALUE)).isEqualTo(2);
    assertThat(wal.size()).isEqualTo(2);
    wal.truncateAfter(1);
    assertThat(wal.lastIndex()).isEqualTo(1);
  }

  @Test
  void truncation_thatFails_failsTheLog_withAnUnknownOutcome() throws IOException {
    wal.append(VALUE);
    store.failAt(Step.COMMIT, new IOException("bad disk"));

    Throwable unknown = truncateAfter(0).failure();
    Throwable notWritten = truncateAfter(0).failure();

    assertThat(List.of(unknown, notWritten))
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(LogFailedException.class)
                    .hasMessageContaining("truncate after index 0")
                    .hasMessageContaining("bad disk"));
    assertThat(((LogFailedException) unknown).outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(((LogFailedException) notWritten).outcome()).isEqualTo(Outcome.NOT_WRITTEN);
    assertThat(wal.get(1)).isPresent();
  }

  @Test
  void truncation_outOfMemoryBeforeTheWrite_isRefusedAlone() throws IOException {
    wal.append(VALUE);
    store.failAt(Step.ADD, new OutOfMemoryError("heap"));

    assertThat(truncateAfter(0).failure()).isInstanceOf(OutOfMemoryError.class);

    store.hook = step -> {};
    assertThat(wal.append(VALUE)).isEqualTo(2);
  }
}
