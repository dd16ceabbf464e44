package dev.walnut;

import dev.walnut.exception.WalException;
import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * How a write finds its batch: one queue, one token, and among those who wait the one whose request
 * is oldest leads.
 */
final class CommitPath {
  /*
   * Order. Strict for all that are queued. A caller that finds the token free and the queue empty
   * writes at once, without a request; it overtakes nobody.
   *
   * Hand-over. A holder that has written its batch passes the token straight to the oldest waiting
   * request, or frees it if there is none; then it looks at the queue once more, since a request may
   * have come in between (see RequestQueue). So whoever queued a request and failed to get the token
   * can sleep: it will be told. Only then does the holder tell its own batch, while the next one is
   * being written already. One batch a leader, so nobody works long for others.
   *
   * Virtual threads. None is ever handed the token: it may need a carrier to go on, and all carriers
   * may be held by others that wait for the log, pinned by a frame that cannot be unmounted. The log
   * thread leads for them. One may write alone what does not sync, if it finds the token free and
   * nothing to wait for.
   *
   * Stack overflow. A caller may come with hardly any stack left, and then every call may throw. None
   * leaves with the token: the frame that has it either gets it passed on by a call that, if it
   * throws, throws before, or gives it to the log thread with an assignment. The log thread, which
   * has stack, looks unasked now and then: it wakes who could not be woken, leads if nobody could,
   * and fails the log with what a holder died of in the middle of a batch. A caller whose request is
   * queued stays until it is done. A class whose initialisation is cut off by the end of a stack is
   * lost to everybody for good; so those that telling a failure needs are initialised at opening.
   *
   * The end. Closing takes its turn in the queue as an exclusive request: its owner gets the token
   * when all before it is written, ends the log, and every request behind it ends unwritten. From
   * then on there is no log thread to lead; whoever comes by with the token drains the queue.
   */
  static {
    initializeClasses();
  }

  /** Stands for an entry that must be queued. */
  static final long NOT_ALONE = -1;

  final RequestQueue queue = new RequestQueue();
  private final CommitToken token = new CommitToken();
  private final BatchWriter writer;
  private final LogThread logThread;
  private final Completions completions;
  private final Followers followers;

  /** Set while the token is held, after the last batch. */
  private volatile boolean ended;

  CommitPath(
      String log,
      EntryStore store,
      WalConfig config,
      Room room,
      FailureLatch latch,
      Housekeeper housekeeper,
      Completions completions,
      Followers followers,
      Watch watch,
      Threads threads) {
    writer =
        new BatchWriter(
            store, queue, config, room, latch, housekeeper, completions, watch, threads);
    this.completions = completions;
    this.followers = followers;
    logThread = new LogThread(log, this, writer.counters(), writer.intervalSync(), threads);
  }

  private static void initializeClasses() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      lookup.ensureInitialized(EntryRequest.class);
      lookup.ensureInitialized(WriteBatchRequest.class);
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
    for (Fate fate : Fate.values()) {
      fate.failure("open", new WalException("none yet"));
    }
  }

  LogThread logThread() {
    return logThread;
  }

  Counters counters() {
    return writer.counters();
  }

  /**
   * Writes one entry at once, if the token is free and nobody is queued.
   *
   * @return its index, or {@link #NOT_ALONE} if the entry must be queued
   */
  long writeAlone(long index, String key, int keyBytes, Object value, boolean durable)
      throws IOException {
    boolean virtual = VirtualThreads.isVirtual(Thread.currentThread());
    if ((durable && virtual) || !token.tryAcquire()) {
      return NOT_ALONE;
    }
    long written = NOT_ALONE;
    Fate fate = Fate.WRITTEN;
    Throwable cause = null;
    Request told = null;
    try {
      if (queue.isEmpty() && !(virtual && writer.mayWaitForChores())) {
        written = writer.writeAlone(index, key, keyBytes, value, durable);
        fate = writer.aloneFate();
        cause = writer.aloneCause();
        told = writer.told();
        afterBatch();
      }
      handOver();
    } catch (Throwable t) {
      writer.death = t;
      logThread.leads = true;
      throw t;
    }
    tell(told);
    wakeFollowers();
    if (fate != Fate.WRITTEN) {
      throw fate.thrown(EntryRequest.describe(index), cause);
    }
    return written;
  }

  /** Queues a request; nobody waits for it but its future. What it throws, it throws before. */
  void submit(Request request) {
    queue.push(request);
    boolean held = false;
    try {
      held = token.tryAcquire();
      if (held) {
        handOver();
      }
    } catch (Throwable t) {
      if (held) {
        logThread.leads = true;
      } else {
        logThread.asked = true;
      }
    }
  }

  /** Queues a request of the calling thread and returns its outcome. */
  long submitAndWait(Request request) throws IOException {
    boolean virtual = VirtualThreads.isVirtual(Thread.currentThread());
    submit(request);
    while (request.state != Request.DONE) {
      boolean leads = false;
      try {
        logThread.wakeIfTold();
        leads = request.awaitTurn(/* parkAtOnce= */ virtual);
        if (leads) {
          lead();
        }
      } catch (Throwable t) {
        if (leads) {
          logThread.leads = true;
        }
      }
    }
    return request.outcome();
  }

  /**
   * Ends the log behind everything that is queued, on the calling thread, which syncs and has stack
   * enough. Called once. A failure is in the latch afterwards.
   *
   * @param beforeFinish runs when all is durable, before the log's last bytes are written
   */
  void close(Runnable beforeFinish) {
    CloseRequest request = new CloseRequest(Thread.currentThread());
    submit(request);
    boolean leads = request.awaitTurn(/* parkAtOnce= */ false);
    assert leads : "an exclusive request is ended by its owner";
    queue.take(request);
    writer.close(beforeFinish);
    ended = true;
    handOver();
    logThread.stop();
  }

  /** Writes one batch and passes the token on. What it throws, it throws before. */
  void lead() {
    Request told = null;
    try {
      writer.writeBatch();
      afterBatch();
      told = writer.told();
      handOver();
    } catch (Throwable t) {
      writer.death = t;
      logThread.leads = true;
    }
    try {
      tell(told);
    } catch (Throwable t) {
      // Unexpected: it needs less stack than what was written and settled before it.
    }
    wakeFollowers();
  }

  /** Tells those who read on. Called when the token was passed on. */
  private void wakeFollowers() {
    try {
      followers.wake();
    } catch (Throwable t) {
      logThread.asked = true; // it has stack enough
    }
  }

  private void afterBatch() {
    writer.afterBatch();
    logThread.watchForIdle(writer.counters().markDue());
    logThread.watchForInterval();
  }

  /**
   * Passes the token to the oldest request's leader, or frees it if there is no request. What it
   * throws, it throws before.
   */
  private void handOver() {
    boolean held = true;
    try {
      while (held) {
        Request oldest = queue.peek();
        if (oldest == null) {
          Request lastTaken = queue.lastTaken();
          token.release();
          held = false;
          held = lastTaken.next != null && token.tryAcquire();
        } else if (ended) {
          writer.writeBatch();
          tell(writer.told());
        } else {
          pass(oldest);
          held = false;
        }
      }
      if (ended) {
        completions.stepIfEnded();
      }
    } catch (Throwable t) {
      if (held) {
        logThread.leads = true;
      }
    }
  }

  /** Makes a request's owner lead, or the log thread. What it throws, it throws before. */
  private void pass(Request request) {
    Thread waiter = request.waiter;
    if (waiter == null || VirtualThreads.isVirtual(waiter)) {
      logThread.tellToLead();
      return;
    }
    writer.toldToLead = request;
    boolean parked = request.tellToLead();
    try {
      if (parked) {
        request.wake(waiter);
      }
    } catch (Throwable t) {
      logThread.asked = true;
    }
  }

  /** Does what threads without stack could not do: wakes who is to lead, leads where nobody is. */
  void lookAfter() {
    followers.wake();
    Request request = writer.toldToLead;
    if (request != null) {
      request.wakeIfToldToLead();
    }
    if (!queue.isEmpty() && token.tryAcquire()) {
      handOver();
    }
  }

  private static void tell(@Nullable Request first) {
    Request request = first;
    while (request != null) {
      Request following = request.nextTold;
      request.nextTold = null;
      request.tellDone();
      request = following;
    }
  }
}
