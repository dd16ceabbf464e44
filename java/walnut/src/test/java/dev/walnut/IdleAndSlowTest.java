package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.FakeStore.Step;
import dev.walnut.exception.LogFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log does beside the writing: it logs, rests, forgets and tells what became durable. */
@Timeout(60)
class IdleAndSlowTest {
  private static final byte[] VALUE = {1};

  private final SteppedThreads threads = new SteppedThreads();
  private final FakeStore store = new FakeStore();

  private Wal open(SyncMode mode) throws IOException {
    WalConfig config =
        WalConfig.builder(Path.of("log"))
            .syncMode(mode)
            .slowSyncThreshold(Duration.ofSeconds(1))
            .build();
    return Wal.open(config, new Internals(store, threads));
  }

  /** Keeps what is logged, and throws. */
  private static final class ThrowingHandler extends Handler {
    private final List<String> messages = new ArrayList<>();

    @Override
    public void publish(LogRecord record) {
      messages.add(record.getMessage());
      throw new IllegalStateException("handler");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void slowSync_isLoggedByTheCompletionThread_whateverTheHandlerDoes() throws IOException {
    Logger logger = Logger.getLogger(Worker.class.getName());
    ThrowingHandler handler = new ThrowingHandler();
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      Wal wal = open(SyncMode.BATCH);
      store.hook =
          step -> {
            if (step == Step.COMMIT) {
              threads.now += 2_000_000_000L;
            }
          };

      wal.append(VALUE);

      assertThat(handler.messages).as("by the writer").isEmpty();
      threads.settle();
      assertThat(handler.messages).containsExactly("sync took 2000 ms");
      assertThat(wal.stats().slowSyncs()).isEqualTo(1);
      assertThat(wal.stats().failure()).isEmpty();
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
  }

  @Test
  void failedLog_isNotWatchedForBeingIdle() throws IOException {
    Wal wal = open(SyncMode.BATCH);
    wal.append(VALUE);
    store.failAt(Step.COMMIT, new IOException("EIO"));
    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(LogFailedException.class);
    long requests = wal.stats().requests();

    for (int i = 0; i < 5; i++) {
      threads.now += LogThread.IDLE_NANOS;
      threads.settle();
    }

    assertThat(wal.stats().requests()).isEqualTo(requests);
  }

  @Test
  void whenDurable_ofWhatAChoreMadeDurable_isToldAfterTheNextBatch() throws IOException {
    Wal wal = open(SyncMode.NONE);
    wal.append(VALUE);
    CompletableFuture<Long> future = wal.whenDurable(1);
    threads.settle();
    assertThat(future).isNotDone();

    store.becomeDurable();
    wal.append(VALUE);
    threads.settle();

    assertThat(future).isCompletedWithValue(1L);
  }

  @Test
  void request_ofAWaitingCaller_isForgottenWhenItEnds() throws IOException {
    Wal wal = open(SyncMode.NONE);
    boolean[] forgotten = {false};

    wal.path.submitAndWait(
        new Request(Thread.currentThread(), /* durable= */ false) {
          @Override
          void forget() {
            forgotten[0] = true;
          }

          @Override
          String describe() {
            return "nothing";
          }
        });

    assertThat(forgotten[0]).isTrue();
  }
}
