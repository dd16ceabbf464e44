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

  /** The pause before a step that failed is tried again. */
  private static final long RETRY_NANOS = 1_000_000;

  private final String name;
  private volatile @Nullable Thread thread;
  private volatile boolean parked;
  private volatile boolean stopping;

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
    stopped();
  }

  /** Runs once on the thread, when it was told to stop. */
  void stopped() {}

  /** Takes a step, and lets nothing out: a thread that ends would leave others waiting for it. */
  final boolean tryStep() {
    try {
      return step();
    } catch (Throwable t) {
      log(System.Logger.Level.ERROR, name + ": a step failed", t);
      LockSupport.parkNanos(this, RETRY_NANOS);
      return true;
    }
  }

  /** Logs; nobody who listens to the logger can end the thread. */
  static void log(System.Logger.Level level, String message, @Nullable Throwable thrown) {
    try {
      LOGGER.log(level, message, thrown);
    } catch (Throwable t) {
      // Then it is not logged: to tell of it, there is only the logger.
    }
  }

  /** Whether the calling thread is the worker's own. */
  final boolean onOwnThread() {
    return Thread.currentThread() == thread;
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
