package dev.walnut;

import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.LogFailedException;
import java.util.concurrent.Callable;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/**
 * Where threads meet on the way to a batch, in every order of steps that fits the bound: who sleeps
 * is woken, one writes at a time, and each call ends once.
 */
class CommitPathLincheckTest {
  private static final int SCALE = Boolean.getBoolean("walnut.soak") ? 50 : 1;
  private static final int ORDERS_OF_PARTS = 300 * SCALE;
  private static final int ORDERS_OF_PATH = 80 * SCALE;

  private static final long CLOSED = -2;
  private static final long FAILED = -3;

  /** A call on a thread of its own. */
  private static final class Caller implements Runnable {
    private final Callable<Long> call;
    private final Thread thread = new Thread(this);
    private long outcome;
    private Throwable thrown;

    private Caller(Callable<Long> call) {
      this.call = call;
    }

    static Caller start(Callable<Long> call) {
      Caller caller = new Caller(call);
      caller.thread.start();
      return caller;
    }

    @Override
    public void run() {
      try {
        outcome = call.call();
      } catch (LogClosedException e) {
        outcome = CLOSED;
      } catch (LogFailedException e) {
        outcome = FAILED;
      } catch (Exception e) {
        thrown = e;
      }
    }

    long outcome() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts here", e);
      }
      if (thrown != null) {
        throw new AssertionError("thrown by a caller: " + thrown, thrown);
      }
      return outcome;
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }

  /**
   * The teller may come while the owner looks, says that it sleeps, or sleeps. Telling is split
   * from waking as in the path.
   */
  @Test
  void awaitTurn_toldToLeadThenDone_isNeverLeftAsleep() {
    Lincheck.runConcurrentTest(
        ORDERS_OF_PARTS,
        () -> {
          Thread owner = Thread.currentThread();
          MiniLog.Entry request = new MiniLog.Entry(owner);
          Caller leader = Caller.start(() -> tellToLead(request, owner));

          require(request.awaitTurn(/* parkAtOnce= */ true), "told to lead");
          leader.outcome();
          Caller finisher = Caller.start(() -> tellDone(request));
          require(!request.awaitTurn(/* parkAtOnce= */ true), "told that it is done");
          finisher.outcome();
        });
  }

  private static long tellToLead(Request request, Thread owner) {
    if (request.tellToLead()) {
      request.wake(owner);
    }
    return 0;
  }

  private static long tellDone(Request request) {
    request.tellDone();
    return 0;
  }

  @Test
  void push_byTwoBesideAHolder_isTakenOnceAndInOrder() {
    Lincheck.runConcurrentTest(
        ORDERS_OF_PARTS,
        () -> {
          Handed handed = new Handed();
          Caller first = Caller.start(() -> handed.push(1) + handed.push(2));
          Caller second = Caller.start(() -> handed.push(10));
          first.outcome();
          second.outcome();

          String taken = handed.taken.toString();
          require(
              taken.equals("1 2 10 ") || taken.equals("1 10 2 ") || taken.equals("10 1 2 "),
              "each once, in the order of its pusher: " + taken);
          require(handed.queue.isEmpty() && handed.token.tryAcquire(), "all is handed back");
        });
  }

  /** The hand-over of {@link CommitPath} without its batches. */
  private static final class Handed {
    private final RequestQueue queue = new RequestQueue();
    private final CommitToken token = new CommitToken();
    private final StringBuilder taken = new StringBuilder();

    long push(int number) {
      queue.push(new Numbered(number));
      boolean held = token.tryAcquire();
      while (held) {
        Request oldest = queue.peek();
        if (oldest != null) {
          queue.take(oldest);
          taken.append(oldest.describe()).append(' ');
        } else {
          Request lastTaken = queue.lastTaken();
          token.release();
          held = lastTaken.next != null && token.tryAcquire();
        }
      }
      return 0;
    }
  }

  private static final class Numbered extends Request {
    private final int number;

    Numbered(int number) {
      super(/* waiter= */ null, /* durable= */ false);
      this.number = number;
    }

    @Override
    String describe() {
      return String.valueOf(number);
    }
  }

  @Test
  void append_beforeOneThatNobodyWaitsFor_leavesItToTheLogThread() {
    Lincheck.runConcurrentTest(
        ORDERS_OF_PATH,
        () -> {
          MiniLog log = new MiniLog();
          MiniLog.Entry[] async = new MiniLog.Entry[1];
          Caller first =
              Caller.start(
                  () -> {
                    async[0] = log.appendAsync();
                    return 0L;
                  });
          first.outcome();
          Caller second = Caller.start(log::appendQueued);
          Caller logThread = Caller.start(log::stepLogThread);
          logThread.outcome();

          require(second.outcome() == 2, "behind the first");
          log.completions.step();
          require(async[0].isDone() && async[0].join() == 1, "the first is completed");
          log.requireIdle();
        });
  }

  @Test
  void fault39_close_racingAppends_endsEachOnce() {
    Lincheck.runConcurrentTest(
        ORDERS_OF_PATH,
        () -> {
          MiniLog log = new MiniLog();
          Caller first = Caller.start(log::append);
          Caller second = Caller.start(log::appendQueued);
          log.close();

          long acknowledged = acknowledged(first.outcome()) + acknowledged(second.outcome());

          require(log.store.lastIndex() == acknowledged, acknowledged + " acknowledged");
          require(log.store.durableIndex() == acknowledged, "closing made all durable");
          log.requireIdle();
        });
  }

  private static int acknowledged(long outcome) {
    require(outcome > 0 || outcome == CLOSED, "acknowledged or closed: " + outcome);
    return outcome > 0 ? 1 : 0;
  }

  @Test
  void append_afterAFailedWrite_failsForAllAndIsNotTriedAgain() {
    Lincheck.runConcurrentTest(
        ORDERS_OF_PATH,
        () -> {
          MiniLog log = new MiniLog();
          log.store.failingCommit = 1;
          Caller first = Caller.start(log::append);
          Caller second = Caller.start(log::appendQueued);

          require(first.outcome() == FAILED, "the first fails");
          require(second.outcome() == FAILED, "the second fails");
          require(log.latch.cause() != null, "latched");
          require(log.store.commits() == 1, "one attempt, not " + log.store.commits());
          log.requireIdle();
        });
  }

  @Test
  void gate_closedBesideReaders_closesWhenTheLastHasLeft() {
    Lincheck.runConcurrentTest(
        ORDERS_OF_PARTS,
        () -> {
          ReaderGate gate = new ReaderGate("log");
          boolean[] released = new boolean[1];
          Caller first = Caller.start(() -> read(gate, released));
          Caller second = Caller.start(() -> read(gate, released));
          gate.close();
          released[0] = true;

          first.outcome();
          second.outcome();
        });
  }

  private static long read(ReaderGate gate, boolean[] released) {
    int lane = gate.enter("read");
    require(!released[0], "inside, so what is read is not released");
    gate.leave(lane);
    return 0;
  }
}
