package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Telling an owner that parks, or is just about to, on real threads. Every order of their steps is
 * tried by {@link CommitPathLincheckTest}.
 */
class RequestTest {
  private static final int ROUNDS = Boolean.getBoolean("walnut.soak") ? 500_000 : 5_000;

  @Test
  @Timeout(60)
  void awaitTurn_parked_isWokenToLeadAndWhenDone() {
    CompletableFuture<Request> waiting = new CompletableFuture<>();
    Await.Started<Boolean> owner =
        Await.start(
            () -> {
              Request request = new SyncRequest(Thread.currentThread());
              waiting.complete(request);
              return request.awaitTurn(/* parkAtOnce= */ true)
                  && !request.awaitTurn(/* parkAtOnce= */ true);
            });
    Request request = waiting.join();

    Await.until(() -> request.state == Request.PARKED);
    owner.awaitParked();
    assertThat(request.tellToLead()).as("parked, so to be woken").isTrue();
    request.wake(owner.thread());
    Await.until(() -> request.state == Request.PARKED);
    owner.awaitParked();
    request.tellDone();

    assertThat(owner.result()).isTrue();
  }

  @Test
  void tellToLead_ofAnOwnerThatIsAwake_wakesNobody() {
    Request request = new SyncRequest(Thread.currentThread());

    assertThat(request.tellToLead()).isFalse();
    assertThat(request.awaitTurn(/* parkAtOnce= */ true)).isTrue();
    request.tellDone();
    assertThat(request.awaitTurn(/* parkAtOnce= */ true)).isFalse();
  }

  private static void spin(int times) {
    for (int i = 0; i < times; i++) {
      Thread.onSpinWait();
    }
  }

  /** Each round is told while its owner looks, says that it parks, or parks: whichever it meets. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void awaitTurn_toldAtAnyMoment_returns() throws Exception {
    SynchronousQueue<Request> waiting = new SynchronousQueue<>();
    Thread teller =
        Worker.newThread(
            () -> {
              try {
                for (int round = 0; round < ROUNDS; round++) {
                  Request request = waiting.take();
                  spin(round % 150); // some hit the instant before the owner parks
                  if (request.tellToLead()) {
                    request.wake(request.waiter);
                  }
                  waiting.take().tellDone();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "teller");
    teller.start();

    for (int round = 0; round < ROUNDS; round++) {
      Request request = new SyncRequest(Thread.currentThread());
      waiting.put(request);
      assertThat(request.awaitTurn(/* parkAtOnce= */ round % 2 == 0)).isTrue();
      waiting.put(request);
      assertThat(request.awaitTurn(/* parkAtOnce= */ round % 2 == 0)).isFalse();
    }

    teller.join();
  }
}
