package dev.walnut;

import java.util.concurrent.atomic.AtomicLong;

/** Figures kept by the token's holder and read by anybody; one writer, so no atomic addition. */
final class Counters {
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong entriesPerBatchMax = new AtomicLong();
  private final SyncTimer syncTimer = new SyncTimer();
  private final AtomicLong slowSyncs = new AtomicLong();
  private final AtomicLong refusedForSpace = new AtomicLong();
  private volatile boolean outOfSpace;
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

  /** A request was refused because there was no room for it. */
  void refusedForSpace() {
    add(refusedForSpace, 1);
    outOfSpace = true;
  }

  /** Entries were written, so there is room. */
  void foundSpace() {
    if (outOfSpace) {
      outOfSpace = false;
    }
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

  long writesRefusedForSpace() {
    return refusedForSpace.getOpaque();
  }

  boolean outOfSpace() {
    return outOfSpace;
  }

  boolean markDue() {
    return markDue;
  }
}
