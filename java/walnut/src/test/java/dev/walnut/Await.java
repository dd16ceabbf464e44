package dev.walnut;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Waiting for what another thread does. Tests that use it have a time limit as a guard. */
final class Await {
  private Await() {}

  /** Returns when the condition holds. */
  static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.yield();
    }
  }

  /** Runs something on a thread of its own. */
  static <T> Started<T> start(Callable<T> call) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                outcome.complete(call.call());
              } catch (Throwable t) {
                outcome.completeExceptionally(t);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return new Started<>(thread, outcome);
  }

  record Started<T>(Thread thread, CompletableFuture<T> outcome) {
    /** What it threw. */
    Throwable failure() {
      return outcome.handle((value, failure) -> failure).join();
    }

    T result() {
      return outcome.join();
    }

    /** Returns when the thread waits for something. */
    void awaitParked() {
      until(() -> thread.getState() == Thread.State.WAITING || outcome.isDone());
    }
  }

  /** What a future ended with. */
  static Throwable failure(CompletableFuture<?> future) {
    return future.handle((value, failure) -> failure).join();
  }
}
