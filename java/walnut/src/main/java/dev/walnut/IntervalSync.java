package dev.walnut;

/**
 * When the next sync of {@link SyncMode#INTERVAL} is due: one interval after the first entry that
 * nothing has synced. The token's holder says what was written and synced, the log thread asks.
 */
final class IntervalSync {
  static final long NEVER = Long.MAX_VALUE;

  private final boolean used;
  private final long intervalNanos;

  /** Written before {@link #unsynced} is set. */
  private long firstUnsyncedNanos;

  /** Whether entries were written since the last sync. */
  private volatile boolean unsynced;

  // The log thread's own: the entry for which it has asked for a sync already.
  private boolean asked;
  private long askedForNanos;

  IntervalSync(WalConfig config) {
    used = config.syncMode() == SyncMode.INTERVAL;
    intervalNanos = config.syncInterval().toNanos();
  }

  /** Whether the next entry written would be the first that is unsynced, and so matters here. */
  boolean awaitsFirst() {
    return used && !unsynced;
  }

  /** Entries were written, and not synced. Called if {@link #awaitsFirst} said so. */
  void wroteFirst(long atNanos) {
    firstUnsyncedNanos = atNanos;
    unsynced = true;
  }

  /** All that was written is synced, or will never be: the log has failed. */
  void settled() {
    if (unsynced) {
      unsynced = false;
    }
  }

  /** Whether anything is to be synced in time. */
  boolean runs() {
    return unsynced;
  }

  /** How long until a sync has to be asked for; 0 or less: now. {@link #NEVER} if none has. */
  long nanosLeft(long nowNanos) {
    if (!unsynced || (asked && askedForNanos == firstUnsyncedNanos)) {
      return NEVER;
    }
    return intervalNanos - (nowNanos - firstUnsyncedNanos);
  }

  /** Takes note that the sync which is due was asked for: it is asked for once. */
  void asked() {
    asked = true;
    askedForNanos = firstUnsyncedNanos;
  }
}
