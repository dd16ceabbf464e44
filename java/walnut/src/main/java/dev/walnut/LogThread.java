package dev.walnut;

/**
 * Leads batches that no waiting caller can lead: those of asynchronous writes, and those of virtual
 * threads, which a sync would pin and which may get no carrier. Otherwise a leader like any other. When the log goes idle after a sync, it has the mark written that vouches for it.
 */
final class LogThread extends Worker {
  static final long IDLE_NANOS = 10_000_000;

  private final CommitPath path;
  private final Counters counters;
  private final Threads threads;

  /** Set by whoever gives it the token. */
  private volatile boolean leads;

  /** Whether it looks, now and then, if the log went idle. */
  private volatile boolean watching;

  private long requestsSeen = -1;
  private long seenAtNanos;

  LogThread(String log, CommitPath path, Counters counters, Threads threads) {
    super("walnut-log " + log);
    this.path = path;
    this.counters = counters;
    this.threads = threads;
  }

  /** Makes it the leader; the token is held on its behalf. */
  void tellToLead() {
    leads = true;
    wake();
  }

  /** Called by the token's holder after each batch; wakes this thread only if it rests for good. */
  void watchForIdle(boolean markDue) {
    if (markDue && !watching) {
      watching = true;
      wake();
    }
  }

  @Override
  boolean step() {
    if (leads) {
      leads = false;
      path.lead();
      return true;
    }
    if (watching) {
      lookWhetherIdle();
    }
    return false;
  }

  private void lookWhetherIdle() {
    long requests = counters.requests();
    long now = threads.nanoTime();
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
    return watching ? Math.max(1, IDLE_NANOS - (threads.nanoTime() - seenAtNanos)) : FOREVER;
  }
}
