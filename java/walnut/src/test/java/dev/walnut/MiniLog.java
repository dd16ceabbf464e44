package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The part of a log where threads meet: the commit path over a store of a few fields, on a clock
 * that stands still. Nothing here starts a thread; who wants the log thread to work takes its
 * steps.
 */
final class MiniLog {
  private static final byte[] VALUE = {};
  private static final WalConfig CONFIG = WalConfig.forDatabase(Path.of("log")).build();
  private static final Threads STILL =
      new Threads() {
        @Override
        public long nanoTime() {
          return 1;
        }

        @Override
        public void start(Worker worker) {
          throw new AssertionError("nothing is started here");
        }

        @Override
        public void giveWay() {}

        @Override
        public void awaitProgress(Worker worker) {
          worker.step();
        }
      };

  final MiniStore store = new MiniStore();
  final FailureLatch latch = new FailureLatch();
  final ReaderGate gate = new ReaderGate("log");
  final Room room;
  final Completions completions;
  final Followers followers;
  final CommitPath path;
  private final DurableWaiters durableWaiters;

  MiniLog() {
    Watch watch = new Watch(Events.NONE, STILL);
    room = new Room(CONFIG, watch);
    durableWaiters = new DurableWaiters(store, gate, latch, CONFIG);
    completions = new Completions("log", durableWaiters, null);
    followers = new Followers(gate, latch, STILL);
    Housekeeper housekeeper = new Housekeeper("log", latch, completions, followers, STILL);
    path =
        new CommitPath(
            "log", store, CONFIG, room, latch, housekeeper, completions, followers, watch, STILL);
  }

  /** Appends an entry as a blocking caller does; returns its index. */
  long append() throws IOException {
    gate.leave(gate.enter("append"));
    long index = path.writeAlone(EntryRequest.NEXT_INDEX, "", 0, VALUE, /* durable= */ true);
    return index != CommitPath.NOT_ALONE ? index : appendQueued();
  }

  /** The same, through the queue however empty it is. */
  long appendQueued() throws IOException {
    Entry request = entry(Thread.currentThread());
    room.enter(request);
    return path.submitAndWait(request);
  }

  /** Appends an entry that the log thread has to write. */
  Entry appendAsync() throws IOException {
    Entry request = entry(null);
    room.enter(request);
    path.submit(request);
    return request;
  }

  private static Entry entry(Thread waiter) {
    return new Entry(waiter);
  }

  /** An entry whose owner sleeps until it was woken, and not a moment less. */
  static final class Entry extends Request {
    private volatile boolean woken;

    Entry(Thread waiter) {
      super(waiter, /* durable= */ true);
    }

    @Override
    void sleep() {
      while (!woken) {
        Thread.onSpinWait();
      }
      woken = false;
    }

    @Override
    void wake(Thread owner) {
      woken = true;
    }

    @Override
    long addTo(EntryStore store) {
      return EntryRequest.add(store, EntryRequest.NEXT_INDEX, "", 0, VALUE);
    }

    @Override
    int entries() {
      return 1;
    }

    @Override
    long recordBytes() {
      return EntryRequest.RECORD_OVERHEAD_BYTES;
    }

    @Override
    long queueBytes() {
      return 0;
    }

    @Override
    String describe() {
      return "append";
    }
  }

  /** Does what the log thread was told, as often as there may be something. */
  long stepLogThread() {
    for (int i = 0; i < 4; i++) {
      path.logThread().step();
    }
    return 0;
  }

  /** Nothing is left behind: no request, no room taken, no token held. */
  void requireIdle() {
    if (!path.queue.isEmpty() || room.requests() != 0 || path.logThread().leads) {
      throw new AssertionError("something is left to do");
    }
  }

  /** As {@link Wal#close} does, on the calling thread. */
  void close() {
    room.close();
    path.close(
        () -> {
          durableWaiters.close();
          gate.close();
        });
    completions.stop();
  }
}
