package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.walnut.internal.segment.EntryStore;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who waits for an index to be durable is told when it is, and not before. */
class DurableWaitersTest {
  private final ReaderGate gate = new ReaderGate("log");
  private final FailureLatch latch = new FailureLatch();
  private final DurableWaiters waiters =
      new DurableWaiters(
          (EntryStore)
              Proxy.newProxyInstance(
                  EntryStore.class.getClassLoader(),
                  new Class<?>[] {EntryStore.class},
                  (proxy, method, arguments) -> answer(method.getName())),
          gate,
          latch,
          WalConfig.builder(Path.of("log")).build());

  private boolean present;
  private long durableIndex = 100;
  private long floor;

  /** Runs once, behind the next answer. */
  private Runnable meanwhile = () -> {};

  private Object answer(String method) {
    if (method.equals("floor")) {
      return floor;
    }
    Object answer =
        switch (method) {
          case "contains" -> present;
          case "durableIndex" -> durableIndex;
          default -> throw new AssertionError(method);
        };
    Runnable now = meanwhile;
    meanwhile = () -> {};
    now.run();
    return answer;
  }

  private CompletableFuture<Long> waitFor(long index) {
    CompletableFuture<Long> future = new CompletableFuture<>();
    waiters.add(index, future);
    return future;
  }

  @Test
  void check_indexWrittenBetweenTheTwoLooks_isNotTakenForDurable() {
    CompletableFuture<Long> future = waitFor(5);
    meanwhile =
        () -> {
          present = true;
          durableIndex = 4;
        };

    waiters.check();
    waiters.check();

    assertThat(future).isNotDone();
    durableIndex = 100;
    waiters.check();
    assertThat(future).isCompletedWithValue(5L);
  }

  @Test
  void check_indexRemovedByRetentionMeanwhile_isTold() {
    CompletableFuture<Long> future = waitFor(5);
    present = true;
    durableIndex = 4;
    waiters.check();
    present = false;

    durableIndex = 100;
    waiters.check();

    assertThat(future).isCompletedWithValue(5L);
    assertThat(waiters.any()).isFalse();
  }

  @Test
  void check_indexTakenBackMeanwhile_waitsUntilItIsWrittenAgain() {
    CompletableFuture<Long> future = waitFor(5);
    present = true;
    durableIndex = 4;
    waiters.check();
    present = false;
    waiters.tookBack(4);

    durableIndex = 100;
    waiters.check();

    assertThat(future).isNotDone();
    present = true;
    waiters.check();
    assertThat(future).isCompletedWithValue(5L);
  }

  @Test
  void check_indexAtTheLastThatWasKept_isStillSeen() {
    CompletableFuture<Long> future = waitFor(5);
    present = true;
    durableIndex = 4;
    waiters.check();
    present = false;
    waiters.tookBack(5);

    durableIndex = 100;
    waiters.check();

    assertThat(future).isCompletedWithValue(5L);
  }

  @Test
  void check_indexBelowTheFloor_isToldThoughNeverWritten() {
    CompletableFuture<Long> below = waitFor(5);
    CompletableFuture<Long> at = waitFor(6);

    floor = 6;
    waiters.check();

    assertThat(below).isCompletedWithValue(5L);
    assertThat(at).isNotDone();
  }

  @Test
  void check_indexNeverWritten_isNotToldHoweverFarTheLogIsDurable() {
    CompletableFuture<Long> future = waitFor(5);

    waiters.check();

    assertThat(future).isNotDone();
    assertThat(waiters.any()).isTrue();
  }

  @Test
  void check_tellingFails_tellsAllTheSameAtTheNextCheck() {
    present = true;
    OutOfMemoryError error = new OutOfMemoryError("heap");
    boolean[] failed = {false};
    waiters.add(
        5,
        new CompletableFuture<>() {
          @Override
          public boolean complete(Long value) {
            if (!failed[0]) {
              failed[0] = true;
              throw error;
            }
            return super.complete(value);
          }
        });
    CompletableFuture<Long> second = waitFor(6);

    assertThat(catchThrowable(waiters::check)).isSameAs(error);
    waiters.check();

    assertThat(second).isCompletedWithValue(6L);
  }
}
