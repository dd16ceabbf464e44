package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What callbacks do, and when they do it, holds up nothing but later callbacks. */
@Timeout(60)
class CallbacksTest {
  private static final byte[] VALUE = {1};

  private final FakeStore store = new FakeStore();

  private Wal open(UnaryOperator<WalConfig.Builder> settings) throws IOException {
    WalConfig config = settings.apply(WalConfig.builder(Path.of("log"))).build();
    return Wal.open(config, new Internals(store, Threads.REAL));
  }

  /** An executor whose threads are daemons. */
  private static void startDaemon(Runnable body) {
    Thread thread = new Thread(body);
    thread.setDaemon(true);
    thread.start();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Writes so that the callback is there before the future is completed. */
  private <T> CompletableFuture<T> appendThen(Wal wal, Function<Long, T> then) {
    FakeStore.Hold hold = store.holdAt(FakeStore.Step.COMMIT);
    CompletableFuture<T> future = wal.appendAsync(VALUE).thenApply(then);
    hold.release();
    return future;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callback_afterClose_mayWaitForWhoeverUsesTheLog(boolean withExecutor) throws Exception {
    Executor executor = withExecutor ? CallbacksTest::startDaemon : null;
    Wal wal = open(s -> executor == null ? s : s.callbackExecutor(executor));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    CompletableFuture<Void> held =
        appendThen(
            wal,
            index -> {
              begun.countDown();
              await(closed);
              return null;
            });
    await(begun);
    CompletableFuture<Boolean> own =
        wal.appendAsync(VALUE).thenApply(index -> wal.whenDurable(9).isDone());
    CompletableFuture<Boolean> another =
        wal.appendAsync(VALUE)
            .thenApply(index -> Await.start(() -> wal.whenDurable(9).isDone()).result());
    CompletableFuture<Long> last = wal.appendAsync(VALUE);
    wal.close();

    closed.countDown();

    held.join();
    assertThat(own.join()).as("told behind the callback").isFalse();
    assertThat(another.join()).isFalse();
    assertThat(last.join()).isEqualTo(4);
  }

  @Test
  void callbackExecutor_thatRunsATaskAndThrows_hasItRunOnce() throws IOException {
    List<Long> told = new CopyOnWriteArrayList<>();
    Wal wal =
        open(
            s ->
                s.callbackExecutor(
                    task -> {
                      task.run();
                      task.run();
                      throw new AssertionError("no executor");
                    }));

    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      futures.add(
          appendThen(
              wal,
              index -> {
                told.add(index);
                return null;
              }));
    }
    futures.forEach(CompletableFuture::join);

    assertThat(told).containsExactly(1L, 2L, 3L);
    wal.close();
  }

  @Test
  void callback_interruptingItsThread_leavesTheNextOneAlone() throws IOException {
    Wal wal = open(s -> s);
    FakeStore.Hold hold = store.holdAt(FakeStore.Step.COMMIT);
    CompletableFuture<Void> first =
        wal.appendAsync(VALUE).thenRun(() -> Thread.currentThread().interrupt());
    CompletableFuture<Boolean> second =
        wal.appendAsync(VALUE).thenApply(index -> Thread.currentThread().isInterrupted());
    hold.release();

    first.join();
    assertThat(second.join()).isFalse();
    wal.close();
  }

  @Test
  void future_thatCannotBeCompletedForWantOfMemory_isCompletedLater() throws IOException {
    Wal wal = open(s -> s);
    OutOfMemoryError error = new OutOfMemoryError("heap");
    boolean[] failed = {false};
    Request request =
        new Request(/* waiter= */ null, /* durable= */ false) {
          @Override
          String describe() {
            return "nothing";
          }

          @Override
          void completeFuture() {
            if (!failed[0]) {
              failed[0] = true;
              throw error;
            }
            super.completeFuture();
          }
        };

    wal.path.submit(request);
    CompletableFuture<Long> behind = wal.appendAsync(VALUE);

    assertThat(request.join()).isZero();
    assertThat(behind.join()).isEqualTo(1);
    wal.close();
  }
}
