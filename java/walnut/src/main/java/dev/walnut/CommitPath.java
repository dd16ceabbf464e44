package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
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
   * The end. Closing takes its turn in the queue as an exclusive request: its owner gets the token
   * when all before it is written, ends the log, and every request behind it ends unwritten. From
   * then on there is no log thread to lead; whoever comes by with the token drains the queue.
   */
  final RequestQueue queue = new RequestQueue();
  private final CommitToken token = new CommitToken();
  private final BatchWriter writer;
  private final LogThread logThread;
  private final Completions completions;

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
      Threads threads) {
    writer = new BatchWriter(store, queue, config, room, latch, housekeeper, completions, threads);
    this.completions = completions;
    logThread = new LogThread(log, this, writer.counters(), threads);
  }

  LogThread logThread() {
    return logThread;
  }

  Counters counters() {
    return writer.counters();
  }

  /** Takes the token for {@link #writeAlone}; false if the entry must be queued. */
  boolean tryAlone(boolean durable) {
    boolean virtual = VirtualThreads.isVirtual(Thread.currentThread());
    if ((durable && virtual) || !token.tryAcquire()) {
      return false;
    }
    if (!queue.isEmpty() || (virtual && writer.mayWaitForChores())) {
      handOver();
      return false;
    }
    return true;
  }

  /** Writes one entry with the token that {@link #tryAlone} took. */
  long writeAlone(long index, String key, int keyBytes, Object value, boolean durable)
      throws IOException {
    try {
      return writer.writeAlone(index, key, keyBytes, value, durable);
    } finally {
      handOverAndTell(writer.told());
    }
  }

  /** Queues a request; nobody waits for it but its future. */
  void submit(Request request) {
    queue.push(request);
    if (token.tryAcquire()) {
      handOver();
    }
  }

  /** Queues a request of the calling thread and returns its outcome. */
  long submitAndWait(Request request) throws IOException {
    submit(request);
    boolean virtual = VirtualThreads.isVirtual(Thread.currentThread());
    if (request.awaitTurn(/* parkAtOnce= */ virtual)) {
      lead();
    }
    return request.outcome();
  }

  /**
   * Ends the log behind everything that is queued, on the calling thread, which syncs. Called once.
   * A failure is in the latch afterwards.
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

  /** Writes one batch. The caller holds the token and has handed it over on return. */
  void lead() {
    handOverAndTell(writer.writeBatch());
  }

  private void handOverAndTell(@Nullable Request told) {
    writer.afterBatch();
    logThread.watchForIdle(writer.counters().markDue());
    handOver();
    tell(told);
  }

  /** Passes the token to the oldest request's leader, or frees it if there is no request. */
  private void handOver() {
    do {
      Request oldest = queue.peek();
      if (oldest != null && !ended) {
        tellToLead(oldest);
        return;
      }
      if (oldest != null) {
        tell(writer.writeBatch());
      }
    } while (!released());
    if (ended) {
      completions.stepIfEnded();
    }
  }

  /** Frees the token; false if it was taken again at once, because requests came meanwhile. */
  private boolean released() {
    Request lastTaken = queue.lastTaken();
    token.release();
    return lastTaken.next == null || !token.tryAcquire();
  }

  private void tellToLead(Request request) {
    Thread waiter = request.waiter;
    if (waiter == null || VirtualThreads.isVirtual(waiter)) {
      logThread.tellToLead();
    } else {
      request.tellToLead();
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
