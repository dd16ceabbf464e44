package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.FakeStore.Hold;
import dev.walnut.FakeStore.Step;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.segment.NoSegmentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the store refuses before anything is written fails those it concerns, and not the log. */
@Timeout(60)
class RefusalsTest {
  private static final byte[] VALUE = {1};

  private final FakeStore store = new FakeStore();
  private Wal wal;

  @BeforeEach
  void open() throws IOException {
    WalConfig config = WalConfig.builder(Path.of("log")).build();
    wal = Wal.open(config, new Internals(store, Threads.REAL));
  }

  @AfterEach
  void close() throws IOException {
    wal.close();
    assertThat(wal.stats().failure()).isEmpty();
  }

  @Test
  void fault16_readErrorWhileLookingForADuplicate_refusesThatWriteAlone() throws IOException {
    IOException cause = new FileSystemException("segment_1", null, "Input/output error");
    store.failAt(Step.ADD, new UncheckedIOException(cause));

    assertThatThrownBy(() -> wal.append(VALUE)).isSameAs(cause);
    assertThat(Await.failure(wal.appendAsync(VALUE))).isSameAs(cause);

    store.hook = step -> {};
    assertThat(wal.append(VALUE)).isEqualTo(1);
  }

  @Test
  void fault14_noFileHandleForARotation_refusesWhatIsQueuedThen_andTheLogGoesOn()
      throws IOException {
    IOException cause =
        new NoSegmentException(
            "segment_2: Too many open files", new FileSystemException("segment_2"));
    store.segmentEntriesMax = 1;
    wal.append(VALUE);
    Hold hold = store.holdAt(Step.FITS);
    Await.Started<Long> leader = Await.start(() -> wal.append(VALUE));
    hold.awaitArrival();
    CompletableFuture<Long> behind = wal.appendAsync(VALUE);
    Await.Started<Long> sync = Await.start(wal::sync);
    sync.awaitParked();
    store.thenFail(hold, Step.ROTATE, cause);

    assertThat(leader.failure()).isInstanceOf(WalException.class).hasCause(cause);
    assertThat(Await.failure(behind)).isInstanceOf(WalException.class).hasCause(cause);
    assertThat(sync.result()).isEqualTo(1);
    assertThat(wal.append(VALUE)).isEqualTo(2);
  }

  @Test
  void sync_besideAWriteWithoutRoom_syncsWhatWasWritten() throws IOException {
    store.segmentEntriesMax = 1;
    Hold hold = store.holdAt(Step.COMMIT);
    Await.Started<Long> first = Await.start(() -> wal.append(VALUE));
    hold.awaitArrival();
    Await.Started<Long> before = Await.start(wal::sync);
    before.awaitParked();
    CompletableFuture<Long> refused = wal.appendAsync(VALUE);
    Await.Started<Long> after = Await.start(wal::sync);
    after.awaitParked();
    CompletableFuture<Long> refusedToo = wal.appendAsync(VALUE);
    store.thenFail(hold, Step.ROTATE, new NoSpaceException("full", new IOException()));

    assertThat(first.result()).isEqualTo(1);
    assertThat(before.result()).isEqualTo(1);
    assertThat(Await.failure(refused)).isInstanceOf(NoSpaceException.class);
    assertThat(after.result()).isEqualTo(1);
    assertThat(Await.failure(refusedToo)).isInstanceOf(NoSpaceException.class);
  }

  @Test
  void sync_inTheBatchThatFindsNoRoom_syncsWhatWasWritten() throws IOException {
    Hold hold = store.holdAt(Step.COMMIT);
    Await.Started<Long> first = Await.start(() -> wal.append(VALUE));
    hold.awaitArrival();
    Await.Started<Long> sync = Await.start(wal::sync);
    sync.awaitParked();
    CompletableFuture<Long> refused = wal.appendAsync(VALUE);
    store.thenFail(hold, Step.COMMIT, new NoSpaceException("full", new IOException()));

    assertThat(first.result()).isEqualTo(1);
    assertThat(sync.result()).isEqualTo(1);
    assertThat(Await.failure(refused)).isInstanceOf(NoSpaceException.class);
  }

  @Test
  void append_behindTheLargestIndex_isRefused() throws IOException {
    wal.write(Long.MAX_VALUE - 1, "", VALUE);

    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(NonSequentialIndexException.class);
    assertThatThrownBy(() -> wal.append(new WriteBatch().add(VALUE)))
        .isInstanceOf(NonSequentialIndexException.class);

    assertThat(wal.size()).isEqualTo(1);
    assertThat(wal.write(5, "", VALUE)).isEqualTo(5);
  }
}
