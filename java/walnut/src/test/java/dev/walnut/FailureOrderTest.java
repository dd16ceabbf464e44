package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.FakeStore.Step;
import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who learns that a batch has failed must not find a log that goes on. */
class FailureOrderTest {
  private final FakeStore store = new FakeStore();
  private final FailureLatch latch = new FailureLatch();
  private final RequestQueue queue = new RequestQueue();
  private final List<@Nullable Throwable> seen = new ArrayList<>();

  /** Looks at the log when it is let go of, which is before its owner is told. */
  private final class Looking extends Request {
    Looking(@Nullable Thread waiter) {
      super(waiter, /* durable= */ true);
    }

    @Override
    long addTo(EntryStore store) {
      return EntryRequest.add(store, store.pendingLastIndex() + 1, "", 0, new byte[1]);
    }

    @Override
    long recordBytes() {
      return 64;
    }

    @Override
    void forget() {
      seen.add(latch.cause());
    }

    @Override
    String describe() {
      return "look";
    }
  }

  private BatchWriter writer() {
    WalConfig config = WalConfig.forDatabase(Path.of("log")).build();
    SteppedThreads threads = new SteppedThreads();
    Watch watch = new Watch(Events.of("log"), threads);
    ReaderGate gate = new ReaderGate("log");
    Followers followers = new Followers(gate, latch, threads);
    Completions completions =
        new Completions("log", new DurableWaiters(store, gate, latch, config), null);
    return new BatchWriter(
        store,
        queue,
        config,
        new Room(config, watch),
        latch,
        new Housekeeper("log", latch, completions, followers, threads),
        completions,
        watch,
        threads);
  }

  @Test
  void fault10_batchThatFailed_isToldWhenTheLogHasFailed() {
    IOException cause = new IOException("sync");
    store.failAt(Step.COMMIT, cause);
    Request blocking = new Looking(Thread.currentThread());
    Request future = new Looking(null);
    queue.push(blocking);
    queue.push(future);

    writer().writeBatch();

    assertThat(seen).containsExactly(cause, cause);
    assertThat(blocking.fate()).isEqualTo(Fate.UNKNOWN);
    assertThat(future.fate()).isEqualTo(Fate.UNKNOWN);
  }
}
