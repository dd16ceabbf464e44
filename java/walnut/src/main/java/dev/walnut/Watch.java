package dev.walnut;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is seen of a log from outside beyond the counts of its writing: events, and who was held up
 * for how long. Any thread counts here; none of it happens to a write that finds its way free.
 */
final class Watch {
  private final Events events;
  private final Threads threads;
  private final Stalls queue = new Stalls("queue full");
  private final Stalls housekeeper = new Stalls("housekeeper behind");
  private final AtomicLong queueFullRefusals = new AtomicLong();
  private volatile long openNanos;

  Watch(Events events, Threads threads) {
    this.events = events;
    this.threads = threads;
  }

  Events events() {
    return events;
  }

  /** Callers that waited for room in the queue. */
  Stalls queue() {
    return queue;
  }

  /** Batches that waited until enough background work was done. */
  Stalls housekeeper() {
    return housekeeper;
  }

  /** A caller was sent away from a full queue. */
  void queueFull() {
    queueFullRefusals.getAndIncrement();
  }

  long queueFullRefusals() {
    return queueFullRefusals.get();
  }

  void opened(long nanos) {
    openNanos = nanos;
  }

  /** How long opening took. */
  long openNanos() {
    return openNanos;
  }

  /** Waits for one reason, as many as have ended. */
  final class Stalls {
    private final String reason;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();

    private Stalls(String reason) {
      this.reason = reason;
    }

    Stall begin() {
      return new Stall(this, threads.nanoTime(), events.stall());
    }

    long count() {
      return count.get();
    }

    long nanos() {
      return nanos.get();
    }

    private void add(long waitedNanos) {
      count.getAndIncrement();
      nanos.getAndAdd(waitedNanos);
    }
  }

  /** One wait. */
  final class Stall {
    private final Stalls stalls;
    private final long beganNanos;
    private final Events.@Nullable Stall event;

    private Stall(Stalls stalls, long beganNanos, Events.@Nullable Stall event) {
      this.stalls = stalls;
      this.beganNanos = beganNanos;
      this.event = event;
    }

    void end() {
      stalls.add(threads.nanoTime() - beganNanos);
      if (event != null) {
        event.end(stalls.reason);
      }
    }
  }
}
