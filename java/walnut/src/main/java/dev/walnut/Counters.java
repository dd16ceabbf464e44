package dev.walnut;

import java.util.concurrent.atomic.AtomicLong;

/** Figures kept by the token's holder and read by anybody; one writer, so no atomic addition. */
final class Counters {
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong entriesPerBatchMax = new AtomicLong();
  private final SyncTimer syncTimer = new SyncTimer();
  private final AtomicLong slowSyncs = new AtomicLong();
  private volatile boolean markDue;

  void requests(int taken) {
    add(requests, taken);
  }

  void batch(int entries) {
    if (entries > entriesPerBatchMax.getPlain()) {
      entriesPerBatchMax.setOpaque(entries);
    }
  }

  SyncTimer syncTimer() {
    return syncTimer;
  }

  void slowSync() {
    add(slowSyncs, 1);
  }

  void markDue(boolean due) {
    if (due != markDue) {
      markDue = due;
    }
  }

  private static void add(AtomicLong counter, long amount) {
    counter.setOpaque(counter.getPlain() + amount);
  }

  long requests() {
    return requests.getOpaque();
  }

  long entriesPerBatchMax() {
    return entriesPerBatchMax.getOpaque();
  }

  long lastSyncNanos() {
    return syncTimer.lastNanos();
  }

  long slowSyncs() {
    return slowSyncs.getOpaque();
  }

  boolean markDue() {
    return markDue;
  }
}
