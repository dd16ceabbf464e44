package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asynchronous writes under way, and what they should end with. */
final class ModelFutures {
  /** What is expected: an index, or a failure of one of these types; nothing of a cancelled one. */
  private record Pending(
      CompletableFuture<Long> future, @Nullable Long index, List<Class<?>> failures) {}

  private final ModelRun run;
  private final List<Pending> pending = new ArrayList<>();
  private boolean underWay;

  ModelFutures(ModelRun run) {
    this.run = run;
  }

  boolean isEmpty() {
    return !underWay;
  }

  void add(CompletableFuture<Long> future, long index) {
    underWay = true;
    if (run.chance(20)) {
      future.cancel(true); // changes nothing in the log
    } else {
      pending.add(new Pending(future, index, List.of()));
    }
  }

  void addRefused(CompletableFuture<Long> future, Class<?>... failures) {
    underWay = true;
    pending.add(new Pending(future, null, List.of(failures)));
  }

  /** Waits for all. */
  void join() throws IOException {
    if (!underWay) {
      return;
    }
    underWay = false;
    run.say("join " + pending.size());
    for (Pending each : pending) {
      Throwable failure = Await.failure(each.future);
      if (each.index == null) {
        assertThat(failure).isInstanceOfAny(each.failures.toArray(new Class<?>[0]));
      } else if (failure != null) {
        throw new AssertionError("write of index " + each.index, failure);
      } else {
        assertThat(each.future.join()).isEqualTo(each.index);
      }
    }
    pending.clear();
    // A cancelled write is through, too, once one that was queued behind it is.
    run.wal.tombstone(Long.MAX_VALUE - 1);
    run.segments.afterCalls();
  }
}
