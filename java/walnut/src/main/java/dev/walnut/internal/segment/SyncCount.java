package dev.walnut.internal.segment;

import java.util.concurrent.atomic.AtomicLong;

/** Counts calls that made something durable, by the writer and by chores. */
final class SyncCount {
  private final AtomicLong count = new AtomicLong();

  void add(int calls) {
    count.addAndGet(calls);
  }

  long get() {
    return count.get();
  }
}
