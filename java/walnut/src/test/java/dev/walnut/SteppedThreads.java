package dev.walnut;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A clock that only the test moves, and workers that step only when the test says so. */
final class SteppedThreads implements Threads {
  final List<Worker> workers = new ArrayList<>();
  Runnable onGiveWay = () -> {};
  long now = 1;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void start(Worker worker) {
    workers.add(worker);
  }

  @Override
  public void giveWay() {
    now += 1000;
    onGiveWay.run();
  }

  @Override
  public void awaitProgress(Worker worker) {
    worker.step();
  }

  void step(Random random) {
    workers.get(random.nextInt(workers.size())).step();
  }

  /** Steps until nobody has anything left to do. */
  void settle() {
    boolean worked = true;
    while (worked) {
      worked = false;
      for (Worker worker : workers) {
        worked |= worker.step();
      }
    }
  }
}
