package dev.walnut;

import java.util.concurrent.locks.LockSupport;

/** The log's clock and the starts of its threads: what a test takes into its own hands. */
interface Threads {
  /** Real threads and the real clock. */
  Threads REAL =
      new Threads() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void start(Worker worker) {
          Worker.newThread(worker, worker.name()).start();
        }

        @Override
        public void giveWay() {
          yieldOnce();
        }

        @Override
        public void awaitProgress(Worker worker) {
          LockSupport.parkNanos(worker, 100_000); // a chore takes longer than that
        }
      };

  long nanoTime();

  /** Lets the worker run from now on. */
  void start(Worker worker);

  /** Lets others run for a moment. */
  void giveWay();

  /** Waits a little for a worker to get on with its work; it may have done nothing. */
  void awaitProgress(Worker worker);

  /**
   * Offers the processor to others: cheaper than parking, and unlike spinning it lets them work.
   */
  @SuppressWarnings("ThreadPriorityCheck") // only speed depends on what the system makes of it
  static void yieldOnce() {
    Thread.yield();
  }
}
