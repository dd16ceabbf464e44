package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.EntryTooLargeException;
import dev.walnut.exception.QueueFullException;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of writes while the disk does not answer, on either body. */
@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalQueueFullTest extends WalFaultsFixture {
  private final StillClock clock = new StillClock();
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch arrived = new CountDownLatch(1);

  /** A log whose next write call does not return until it is released. */
  private Wal openHeld(WalConfig.Builder config) throws IOException {
    Wal wal = open(config, clock);
    wal.append(new byte[] {1}); // with the zeros ahead of it
    disk.before(
        Call.WRITE,
        disk.count(Call.WRITE) + 1,
        () -> {
          arrived.countDown();
          awaitUninterruptibly(released);
        });
    return wal;
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts", e);
      }
    }
  }

  @Test
  void fault41_slowDisk_boundedQueueGivesBackPressure_orderIsKept_slowSyncIsCounted()
      throws Exception {
    try (Wal wal = openHeld(database().writeQueueSize(4))) {
      List<CompletableFuture<Long>> futures = new ArrayList<>();
      for (int i = 2; i <= 5; i++) {
        futures.add(wal.appendAsync(new byte[] {(byte) i}));
      }
      arrived.await();
      Await.Started<Long> blocking = Await.start(() -> wal.append(new byte[] {6}));
      blocking.awaitParked();
      assertThat(blocking.outcome()).isNotDone();
      assertThat(wal.stats().queuedRequests()).isEqualTo(4);
      assertThat(futures).noneMatch(CompletableFuture::isDone);
      assertThat(wal.get(1)).as("reads do not wait").isPresent();
      clock.pass(Duration.ofSeconds(30));

      released.countDown();

      for (int i = 2; i <= 5; i++) {
        assertThat(futures.get(i - 2).get()).isEqualTo(i);
      }
      assertThat(blocking.result()).isEqualTo(6);
      assertThat(wal.stats().slowSyncs()).isEqualTo(1);
      assertThat(wal.stats().failure()).isEmpty();
    }
    assertHolds(6, 6);
  }

  @Test
  void fail_byRequests_refusesEveryKindOfWrite_asyncThroughTheFuture() throws Exception {
    try (Wal wal = openHeld(database().writeQueueSize(2).whenFull(WhenFull.FAIL))) {
      CompletableFuture<Long> first = wal.appendAsync(new byte[] {2});
      CompletableFuture<Long> second = wal.appendAsync(new byte[] {3});
      arrived.await();

      String full = "the queue is full: 2 of 2 requests, 2 of 67108864 bytes";
      byte[] value = {9};
      WriteBatch batch = new WriteBatch().add(value);
      assertThatThrownBy(() -> wal.append(value)).isInstanceOf(QueueFullException.class);
      assertThatThrownBy(() -> wal.write(4, "", value))
          .isInstanceOf(QueueFullException.class)
          .hasMessage("write index 4: " + full);
      assertThatThrownBy(() -> wal.appendWithSync(value)).isInstanceOf(QueueFullException.class);
      assertThatThrownBy(() -> wal.append(batch)).isInstanceOf(QueueFullException.class);
      assertThatThrownBy(() -> wal.tombstone(1)).isInstanceOf(QueueFullException.class);
      assertThat(Await.failure(wal.appendAsync(value))).isInstanceOf(QueueFullException.class);
      assertThat(Await.failure(wal.appendAsync(batch))).isInstanceOf(QueueFullException.class);
      assertThat(Await.failure(wal.writeWithSyncAsync(4, "", value)))
          .isInstanceOf(QueueFullException.class);

      released.countDown();
      assertThat(first.get()).isEqualTo(2);
      assertThat(second.get()).isEqualTo(3);
    }
    assertHolds(3, 3);
  }

  @Test
  void fail_byBytes_refusesWhatDoesNotFit_andTakesWhatDoes() throws Exception {
    try (Wal wal = openHeld(database().writeQueueBytes(10).whenFull(WhenFull.FAIL))) {
      CompletableFuture<Long> first = wal.appendAsync("key", new byte[6]);
      arrived.await();

      assertThat(Await.failure(wal.appendAsync("k", new byte[1])))
          .isInstanceOf(QueueFullException.class)
          .hasMessageContaining("1 of 65536 requests, 9 of 10 bytes");
      CompletableFuture<Long> fits = wal.appendAsync(new byte[1]);

      assertThat(fits).isNotDone();
      released.countDown();
      assertThat(first.get()).isEqualTo(2);
      assertThat(fits.get()).isEqualTo(3);
    }
  }

  @Test
  void fail_wrongArguments_areThrown_whetherFullOrNot() throws Exception {
    try (Wal wal =
        openHeld(database().writeQueueSize(1).maxEntryBytes(100).whenFull(WhenFull.FAIL))) {
      CompletableFuture<Long> first = wal.appendAsync(new byte[1]);
      arrived.await();

      assertThatThrownBy(() -> wal.appendAsync(new byte[101]))
          .isInstanceOf(EntryTooLargeException.class);
      assertThatThrownBy(() -> wal.writeAsync(-1, "", new byte[1]))
          .isInstanceOf(IllegalArgumentException.class);

      released.countDown();
      assertThat(first.get()).isEqualTo(2);
    }
  }
}
