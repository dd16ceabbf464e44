package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Telling an owner that is just about to park. */
class RequestTest {
  private static final int ROUNDS = 200_000;

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
                    LockSupport.unpark(request.waiter);
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
