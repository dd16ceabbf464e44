package dev.walnut;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Real threads, and a clock that only the test moves; whoever rests by it is woken then. */
final class StillClock implements Threads {
  private final AtomicLong now = new AtomicLong();
  private final List<Worker> workers = new CopyOnWriteArrayList<>();

  /** Lets time pass. */
  void pass(Duration time) {
    now.addAndGet(time.toNanos());
    workers.forEach(Worker::wake);
  }

  @Override
  public long nanoTime() {
    return now.get();
  }

  @Override
  public void start(Worker worker) {
    workers.add(worker);
    REAL.start(worker);
  }

  @Override
  public void giveWay() {
    REAL.giveWay();
  }

  @Override
  public void awaitProgress(Worker worker) {
    REAL.awaitProgress(worker);
  }
}
