package dev.walnut;

/**
 * Leads batches that no waiting caller can lead: those of asynchronous writes, and those of virtual
 * threads, which a sync would pin and which may get no carrier. Otherwise a leader like any other.
 * When the log goes idle after a sync, it has the mark written that vouches for it. In {@link
 * SyncMode#INTERVAL} it asks for the syncs, which take their turn in the queue.
 */
final class LogThread extends Worker {
  static final long IDLE_NANOS = 10_000_000;

  /**
   * How often it looks unasked. A thread that runs out of stack can pass the token on with an
   * assignment, but wake nobody.
   */
  static final long LOOK_NANOS = 1_000_000_000;

  private final CommitPath path;
  private final Counters counters;
  private final IntervalSync intervalSync;
  private final Threads threads;

  /** Set by whoever gives it the token; without a call if there is no stack left for one. */
  volatile boolean leads;

  /** Set by whoever could not get done what {@link CommitPath#lookAfter} does. */
  volatile boolean asked;

  /** Whether it looks, now and then, if the log went idle. */
  private volatile boolean watching;

  /** Belongs to the token's holder. */
  private boolean intervalRuns;

  private long requestsSeen = -1;
  private long seenAtNanos;
  private long lookedAtNanos;

  LogThread(
      String log, CommitPath path, Counters counters, IntervalSync intervalSync, Threads threads) {
    super("walnut-log " + log);
    this.path = path;
    this.counters = counters;
    this.intervalSync = intervalSync;
    this.threads = threads;
    this.lookedAtNanos = threads.nanoTime();
  }

  /** Makes it the leader; the token is held on its behalf. What it throws, it throws before. */
  void tellToLead() {
    leads = true;
    try {
      wake();
    } catch (Throwable t) {
      // It looks by itself before long.
    }
  }

  /** Wakes it if it was told something without a call. */
  void wakeIfTold() {
    if (leads || asked) {
      wake();
    }
  }

  /** Called by the token's holder after each batch; wakes this thread only if it rests for good. */
  void watchForIdle(boolean markDue) {
    if (markDue && !watching) {
      watching = true;
      wake();
    }
  }

  /** Called by the token's holder after each batch; wakes this thread only for the first entry. */
  void watchForInterval() {
    boolean runs = intervalSync.runs();
    if (runs != intervalRuns) {
      intervalRuns = runs;
      if (runs) {
        wake();
      }
    }
  }

  @Override
  boolean step() {
    if (leads) {
      leads = false;
      path.lead();
      return true;
    }
    long now = threads.nanoTime();
    if (intervalSync.nanosLeft(now) <= 0) {
      SyncRequest due = new SyncRequest(/* waiter= */ null); // first: without memory, ask again
      intervalSync.asked();
      path.submit(due);
      return true;
    }
    if (watching) {
      lookWhetherIdle(now);
    }
    if (asked || now - lookedAtNanos >= LOOK_NANOS) {
      asked = false;
      lookedAtNanos = now;
      path.lookAfter();
    }
    return false;
  }

  private void lookWhetherIdle(long now) {
    long requests = counters.requests();
    if (requests != requestsSeen) {
      requestsSeen = requests;
      seenAtNanos = now;
    } else if (now - seenAtNanos >= IDLE_NANOS) {
      watching = false;
      if (counters.markDue()) {
        path.submit(new MarkRequest());
      }
    }
  }

  @Override
  long restNanos() {
    long now = threads.nanoTime();
    long rest = watching ? IDLE_NANOS - (now - seenAtNanos) : LOOK_NANOS;
    return Math.max(1, Math.min(rest, intervalSync.nanosLeft(now)));
  }
}
