package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.walnut.FakeStore.Hold;
import dev.walnut.FakeStore.Step;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing waits for a virtual thread, which may get no carrier to go on. */
@Timeout(60)
class VirtualThreadHandOverTest {
  private static final byte[] VALUE = {1};

  private final FakeStore store = new FakeStore();

  @BeforeEach
  void requireVirtualThreads() {
    assumeTrue(Runtime.version().feature() >= 21, "this runtime has no virtual threads");
  }

  private static CompletableFuture<Long> appendOnVirtualThread(Wal wal) throws Exception {
    CompletableFuture<Long> outcome = new CompletableFuture<>();
    Runnable body =
        () -> {
          try {
            outcome.complete(wal.append(VALUE));
          } catch (Throwable t) {
            outcome.completeExceptionally(t);
          }
        };
    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, body);
    return outcome;
  }

  private Wal open() throws Exception {
    WalConfig config = WalConfig.builder(Path.of("log")).syncMode(SyncMode.NONE).build();
    return Wal.open(config, new Internals(store, Threads.REAL));
  }

  @Test
  void handOver_oldestWaiterIsVirtual_goesToTheLogThread() throws Exception {
    Wal wal = open();
    Hold hold = store.holdAt(Step.COMMIT);
    Await.Started<Long> leader = Await.start(() -> wal.append(VALUE));
    hold.awaitArrival();
    CompletableFuture<Long> follower = appendOnVirtualThread(wal);
    Await.until(() -> wal.stats().queuedRequests() == 1);
    hold.release();

    assertThat(leader.result()).isEqualTo(1);
    assertThat(follower.join()).isEqualTo(2);

    assertThat(store.batches).hasSize(2).noneMatch(FakeStore.Batch::onVirtualThread);
    wal.close();
  }

  @Test
  void writeAlone_whileAChoreRuns_isLeftToTheLogThread() throws Exception {
    Wal wal = open();
    store.segmentEntriesMax = 1;
    store.choresPerRotation = 1;
    Hold chore = store.holdAt(Step.CHORE);
    wal.append(VALUE);
    wal.append(VALUE);
    chore.awaitArrival();

    assertThat(appendOnVirtualThread(wal).join()).isEqualTo(3);

    assertThat(store.batches).hasSize(3).noneMatch(FakeStore.Batch::onVirtualThread);
    chore.release();
    wal.close();
  }
}
