package dev.walnut.realdisk;

import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WriteBatch;
import dev.walnut.exception.LogFailedException;
import dev.walnut.realdisk.PowerCutChild.Life;
import dev.walnut.realdisk.PowerCutChild.Listener;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One thread that does all that can be done to a log, in an order that is told, with several writes
 * on their way at a time.
 */
final class LifeInOrder {
  private static final int ENTRIES_KEPT = 150;

  private interface Action {
    void run() throws IOException;
  }

  private final Life life;
  private final Listener listener;
  private final Random random;
  private final int onTheWayMax;
  private final ArrayDeque<CompletableFuture<Long>> onTheWay = new ArrayDeque<>();
  private long steps;
  private volatile boolean failed;
  private Wal wal;

  LifeInOrder(Life life, Listener listener, Random random) {
    this.life = life;
    this.listener = listener;
    this.random = random;
    this.onTheWayMax = 1 << random.nextInt(6);
  }

  void run() {
    open();
    while (!failed) {
      step();
    }
    drain();
    if (wal != null) {
      new AfterFailure(wal, life, listener).run();
    }
  }

  private void open() {
    wal = AfterFailure.open(life, listener);
    failed = wal == null;
  }

  private void step() {
    int kind = random.nextInt(100);
    if (kind < 60) {
      append(kind < 10, 1);
    } else if (kind < 75) {
      append(kind < 62, 1 + random.nextInt(3));
    } else {
      drain();
      if (!failed) {
        alone(kind);
      }
    }
  }

  /** What waits until all before it is done, and is done itself before anything follows. */
  private void alone(int kind) {
    long last = wal.lastIndex();
    if (wal.isEmpty()) {
      blocking("sync", 0, wal::sync); // there is nothing to take away, which would sync nothing
    } else if (kind < 80 && last - kind % 5 >= wal.firstIndex()) {
      blocking("tombstone", last - kind % 5, () -> wal.tombstone(last - kind % 5));
    } else if (kind < 85) {
      blocking("sync", 0, wal::sync);
    } else if (kind < 90 || life.maxSegments() == 0 && wal.size() > ENTRIES_KEPT) {
      long firstKept = Math.max(wal.firstIndex() + 1, last - random.nextInt(ENTRIES_KEPT));
      blocking("before", firstKept, () -> wal.truncateBefore(firstKept));
    } else if (kind < 95 && life.maxSegments() == 0) {
      long lastKept = Math.max(wal.firstIndex() - 1, last - 1 - random.nextInt(20));
      blocking("after", lastKept, () -> wal.truncateAfter(lastKept));
    } else if (kind < 97 && life.maxSegments() == 0 && random.nextInt(4) == 0) {
      long next = last + 1 + random.nextInt(3);
      blocking("reset", next, () -> wal.reset(next));
    } else if (kind == 99) {
      blocking("reopen", 0, this::reopen);
    }
  }

  private void reopen() throws IOException {
    Wal closing = wal;
    wal = null;
    closing.close();
    open();
  }

  private void blocking(String name, long number, Action action) {
    long step = ++steps;
    listener.tell(PowerCutChild.BEGINS, step, name, number);
    try {
      action.run();
      if (!failed) {
        boolean durable = life.acknowledgesDurable() || !name.equals("tombstone");
        listener.tell(durable ? PowerCutChild.DURABLE : PowerCutChild.ACKNOWLEDGED, step, name);
      }
    } catch (IOException e) {
      failed(step, e);
    }
  }

  private void append(boolean withSync, int entries) {
    long step = ++steps;
    StringBuilder keys = new StringBuilder();
    WriteBatch batch = new WriteBatch();
    String key = "";
    for (int i = 0; i < entries; i++) {
      key = Entries.key(life.name() + "." + step, i, Entries.bytes(random));
      keys.append(i == 0 ? "" : " ").append(key);
      batch.add(key, Entries.value(key));
    }
    listener.tell(PowerCutChild.BEGINS, step, "append", keys);
    CompletableFuture<Long> written =
        entries > 1
            ? withSync ? wal.appendWithSyncAsync(batch) : wal.appendAsync(batch)
            : withSync
                ? wal.appendWithSyncAsync(key, Entries.value(key))
                : wal.appendAsync(key, Entries.value(key));
    onTheWay.add(written.whenComplete((index, failure) -> ended(step, index, withSync, failure)));
    while (onTheWay.size() >= onTheWayMax) {
      await(onTheWay.remove());
    }
  }

  private void ended(long step, Long index, boolean withSync, Throwable failure) {
    if (failure != null) {
      failed(step, failure instanceof CompletionException e ? e.getCause() : failure);
      return;
    }
    boolean durable = withSync || life.acknowledgesDurable();
    listener.tell(durable ? PowerCutChild.DURABLE : PowerCutChild.ACKNOWLEDGED, step, "append");
    if (life.mode() == SyncMode.INTERVAL && step % 4 == 0) {
      wal.whenDurable(index)
          .thenRun(() -> listener.tell(PowerCutChild.DURABLE, step, "by the interval"));
    }
  }

  private void failed(long step, Throwable failure) {
    failed = true;
    Object outcome = failure instanceof LogFailedException e ? e.outcome() : "-";
    listener.tell(PowerCutChild.FAILED, step, outcome, failure.getClass().getSimpleName(), failure);
  }

  private void drain() {
    while (!onTheWay.isEmpty()) {
      await(onTheWay.remove());
    }
  }

  private static void await(CompletableFuture<Long> written) {
    written.handle((index, failure) -> index).join(); // a failure is told where it ends
  }
}
