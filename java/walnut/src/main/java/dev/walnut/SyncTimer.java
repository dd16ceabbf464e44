package dev.walnut;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts how long syncs take. The token's holder writes, anybody reads; see {@link Counters}. */
final class SyncTimer {
  private static final long NOT_RUNNING = Long.MIN_VALUE;

  private final AtomicLongArray counts = new AtomicLongArray(SyncTimes.BUCKETS);
  private final AtomicLong totalNanos = new AtomicLong();
  private final AtomicLong maxNanos = new AtomicLong();
  private final AtomicLong lastNanos = new AtomicLong();

  /** When the sync under way began. One that hangs is seen here and nowhere else. */
  private final AtomicLong runningSince = new AtomicLong(NOT_RUNNING);

  void begin(long now) {
    runningSince.setOpaque(now);
  }

  void end() {
    runningSince.setOpaque(NOT_RUNNING);
  }

  void took(long nanos) {
    int bucket = SyncTimes.bucketOf(nanos);
    counts.setOpaque(bucket, counts.getPlain(bucket) + 1);
    totalNanos.setOpaque(totalNanos.getPlain() + nanos);
    if (nanos > maxNanos.getPlain()) {
      maxNanos.setOpaque(nanos);
    }
    lastNanos.setOpaque(nanos);
  }

  long lastNanos() {
    return lastNanos.getOpaque();
  }

  /** For how long a sync has been under way; 0 if none is. */
  long runningNanos(long now) {
    long since = runningSince.getOpaque();
    return since == NOT_RUNNING ? 0 : Math.max(0, now - since);
  }

  SyncTimes snapshot() {
    long[] copy = new long[SyncTimes.BUCKETS];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = counts.getOpaque(i);
    }
    return new SyncTimes(copy, totalNanos.getOpaque(), maxNanos.getOpaque());
  }
}
