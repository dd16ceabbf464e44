package dev.walnut;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A background thread of the log, as steps: a daemon thread takes them one after the other, or a
 * test does, in any order it likes.
 */
abstract class Worker implements Runnable {
  /*
   * Whoever gives a worker something to do writes it to a volatile and then looks whether the worker
   * is parked; the worker says that it is parked and then looks once more for something to do.
   */
  static final long FOREVER = Long.MAX_VALUE;

  private static final System.Logger LOGGER = System.getLogger(Worker.class.getName());
  private static final int YIELDS = 10;

  private final String name;
  private volatile @Nullable Thread thread;
  private volatile boolean parked;
  private volatile boolean stopping;
  private volatile boolean ended;

  Worker(String name) {
    this.name = name;
  }

  /** Does one piece of work; false if there was none. */
  abstract boolean step();

  /** How long to rest when there is no work, in nanoseconds. */
  long restNanos() {
    return FOREVER;
  }

  final String name() {
    return name;
  }

  /** Ends the worker once it finds no more work. */
  final void stop() {
    stopping = true;
    wake();
  }

  /** Called after making work visible with a volatile write. */
  final void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public final void run() {
    thread = Thread.currentThread();
    while (!stopping) {
      if (!tryStep()) {
        rest();
      }
    }
    end();
  }

  private synchronized void end() {
    ended = true;
    while (tryStep()) {
      // what was left when it was told to stop
    }
  }

  /** Does what came after the end. Called after making work visible with a volatile write. */
  final void stepIfEnded() {
    if (ended) {
      end();
    }
  }

  private boolean tryStep() {
    try {
      return step();
    } catch (Throwable t) {
      // A thread that ends here would leave others waiting for it.
      LOGGER.log(System.Logger.Level.ERROR, name + ": a step failed", t);
      return true;
    }
  }

  private void rest() {
    for (int i = 0; i < YIELDS; i++) {
      Threads.yieldOnce();
      if (tryStep()) {
        return;
      }
    }
    parked = true;
    if (!tryStep() && !stopping) {
      park(restNanos());
    }
    parked = false;
    Thread.interrupted(); // nobody's business; a set status would make parking useless
  }

  private void park(long nanos) {
    if (nanos == FOREVER) {
      LockSupport.park(this);
    } else if (nanos > 0) {
      LockSupport.parkNanos(this, nanos);
    }
  }

  /** A daemon that inherits nothing from the thread that happened to open the log. */
  static Thread newThread(Runnable body, String name) {
    Thread thread = new Thread(null, body, name, 0, /* inheritThreadLocals= */ false);
    thread.setDaemon(true);
    thread.setContextClassLoader(Worker.class.getClassLoader());
    return thread;
  }
}
