package dev.walnut.testkit;

import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalHold;
import dev.walnut.WriteBatch;
import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.testkit.History.Cell;
import dev.walnut.testkit.History.Content;
import dev.walnut.testkit.History.Step;
import dev.walnut.testkit.Mix.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/** One life of a log: operations by chance, until there are enough, or the machine stops. */
final class Workload {
  private static final int OPERATIONS_MAX = 18;

  private final Wal wal;
  private final SimulatedDisk disk;
  private final SplittableRandom random;
  private final History history;
  private final Watcher watcher;
  private final Mix mix;
  private final boolean retains;
  private final boolean unique;
  private final boolean durableMode;
  private final List<WalHold> holds = new ArrayList<>();
  private boolean closed;
  private long stopInTruncation;

  Workload(
      Wal wal,
      SimulatedDisk disk,
      SplittableRandom random,
      History history,
      Watcher watcher,
      Mix mix,
      boolean retains) {
    this.wal = wal;
    this.disk = disk;
    this.random = random;
    this.history = history;
    this.watcher = watcher;
    this.mix = mix;
    this.retains = retains;
    this.unique = wal.config().indexOrder() == dev.walnut.IndexOrder.UNIQUE;
    SyncMode mode = wal.config().syncMode();
    this.durableMode = mode == SyncMode.BATCH || mode == SyncMode.EVERY_WRITE;
  }

  /** Ends when it is done, the machine has stopped, the log has failed, or was closed. */
  void run() throws IOException {
    planEnd();
    int operations = 1 + random.nextInt(OPERATIONS_MAX);
    int truncation = stopInTruncation > 0 ? random.nextInt(operations) : -1;
    try {
      for (int i = 0; i < operations && !closed; i++) {
        if (i == truncation) {
          truncate();
        } else {
          operation();
        }
        look();
        background();
      }
      if (!closed && random.nextInt(4) == 0) {
        close();
      }
      watcher.begin(closed ? Place.CLOSING : Place.BETWEEN);
    } catch (IOException | CompletionException e) {
      ended(e);
    } finally {
      watcher.stopInRotation(0);
    }
  }

  private void planEnd() {
    int end = random.nextInt(100);
    if (end < 20) {
      disk.stopAfter(1 + random.nextInt(50));
    } else if (end < 60) {
      stopInTruncation = 1 + random.nextInt(3);
    } else if (end < 95) {
      watcher.stopInRotation(1 + random.nextInt(6));
    }
    if (random.nextInt(8) == 0) {
      disk.failSync(1 + random.nextInt(15));
    }
  }

  private void ended(Exception e) throws IOException {
    if (disk.isStopped()) {
      return;
    }
    if (!disk.storage().syncFailed()) {
      throw new AssertionError("failed on a good disk: " + e, e);
    }
    mix.count("failed syncs");
    if (closed) {
      return;
    }
    try {
      wal.append(new byte[1]);
      throw new AssertionError("took a write behind a failed sync");
    } catch (LogFailedException refused) {
      // as promised
    }
  }

  // ---- operations

  private void operation() throws IOException {
    int kind = random.nextInt(100);
    if (kind < 38) {
      write();
    } else if (kind < 54) {
      writeTogether();
    } else if (kind < 64) {
      writeBatch();
    } else if (kind < 72) {
      tombstone();
    } else if (kind < 82) {
      truncate();
    } else if (kind < 90) {
      sync();
    } else if (kind < 93) {
      holdOrRelease();
    } else if (kind < 95) {
      writeTaken();
    } else {
      pass(Duration.ofMillis(random.nextInt(3) == 0 ? 1100 : 20));
    }
  }

  private record Write(long index, String key, byte[] value) implements Step {
    @Override
    public void apply(Content content, long order) {
      content.cells.put(index, new Cell(key, value, false, order));
      content.last = Math.max(content.last, index);
    }
  }

  private Write nextWrite(Content content) {
    long index = content.last + 1;
    if (unique && random.nextInt(4) == 0) {
      long scattered = content.floor + random.nextInt((int) (content.last + 6 - content.floor));
      index = content.cells.containsKey(scattered) ? index : scattered;
    }
    return new Write(index, "k" + random.nextInt(1000), value());
  }

  private byte[] value() {
    int kind = random.nextInt(20);
    int bytes =
        kind < 12
            ? random.nextInt(60)
            : kind < 17 ? 60 + random.nextInt(500) : 600 + random.nextInt(2500);
    byte[] value = new byte[bytes];
    random.nextBytes(value);
    return value;
  }

  private void write() throws IOException {
    boolean withSync = random.nextInt(5) == 0;
    boolean appends = random.nextBoolean();
    Write write = nextWrite(history.now());
    boolean next = write.index == history.now().last + 1;
    watcher.begin(Place.WRITING);
    int step = attempt(write);
    long index;
    if (next && appends) {
      index =
          withSync
              ? wal.appendWithSync(write.key, write.value)
              : wal.append(write.key, write.value);
    } else {
      index =
          withSync
              ? wal.writeWithSync(write.index, write.key, write.value)
              : wal.write(write.index, write.key, write.value);
    }
    require(index == write.index, "wrote " + write.index + " as " + index);
    history.acknowledge(step, withSync || durableMode);
  }

  /** Futures that share batches; the machine may stop while they wait. */
  private void writeTogether() throws IOException {
    watcher.begin(Place.WRITING);
    List<Integer> steps = new ArrayList<>();
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    List<Boolean> durably = new ArrayList<>();
    int number = 2 + random.nextInt(4);
    for (int i = 0; i < number; i++) {
      boolean withSync = random.nextInt(6) == 0;
      durably.add(withSync || durableMode);
      if (random.nextInt(4) == 0) {
        Batch batch = nextBatch();
        steps.add(attempt(batch));
        futures.add(
            withSync ? wal.writeWithSyncAsync(batch.filled()) : wal.writeAsync(batch.filled()));
      } else {
        Write write = nextWrite(history.now());
        steps.add(attempt(write));
        futures.add(
            withSync
                ? wal.writeWithSyncAsync(write.index, write.key, write.value)
                : wal.writeAsync(write.index, write.key, write.value));
      }
    }
    int pieces = random.nextInt(6);
    for (int i = 0; i < pieces; i++) {
      disk.stepBackground(random);
    }
    if (random.nextInt(12) > 0) {
      settle();
    } else {
      closed = true; // and left behind, to be found or not
    }
    for (int i = 0; i < number; i++) {
      if (futures.get(i).isDone() && !futures.get(i).isCompletedExceptionally()) {
        history.acknowledge(steps.get(i), durably.get(i));
      }
    }
    if (!closed) {
      futures.forEach(CompletableFuture::join);
    }
  }

  private record Batch(List<Write> writes) implements Step {
    @Override
    public void apply(Content content, long order) {
      writes.forEach(write -> write.apply(content, order));
    }

    WriteBatch filled() {
      WriteBatch batch = new WriteBatch();
      writes.forEach(write -> batch.put(write.index, write.key, write.value));
      return batch;
    }
  }

  private Batch nextBatch() {
    Content content = history.now().copy();
    List<Write> writes = new ArrayList<>();
    int number = 2 + random.nextInt(3);
    for (int i = 0; i < number; i++) {
      Write write = nextWrite(content);
      write.apply(content, 0);
      writes.add(write);
    }
    return new Batch(writes);
  }

  private void writeBatch() throws IOException {
    boolean withSync = random.nextInt(5) == 0;
    Batch batch = nextBatch();
    watcher.begin(Place.WRITING);
    int step = attempt(batch);
    if (withSync) {
      wal.writeWithSync(batch.filled());
    } else {
      wal.write(batch.filled());
    }
    history.acknowledge(step, withSync || durableMode);
  }

  private void tombstone() throws IOException {
    Content now = history.now();
    if (now.cells.isEmpty() || mayLoseFront()) {
      return;
    }
    long index = anyIndex(now);
    watcher.begin(Place.WRITING);
    int step =
        attempt(
            (content, order) ->
                content.cells.computeIfPresent(
                    index, (i, cell) -> new Cell(cell.key(), new byte[0], true, cell.order())));
    wal.tombstone(index);
    // Of an entry that was tombstoned before nothing is written, nor synced.
    history.acknowledge(step, durableMode && !now.cells.get(index).tombstone());
  }

  private long anyIndex(Content content) {
    List<Long> indexes = new ArrayList<>(content.cells.keySet());
    return indexes.get(random.nextInt(indexes.size()));
  }

  private void truncate() throws IOException {
    watcher.begin(Place.TRUNCATION);
    if (stopInTruncation > 0) {
      disk.stopAfter(stopInTruncation);
      stopInTruncation = 0;
    }
    int kind = random.nextInt(10);
    if (kind < 5) {
      truncateBefore();
    } else if (kind < 9) {
      truncateAfter();
    } else {
      reset();
    }
  }

  private void truncateBefore() throws IOException {
    Content now = history.now();
    int beyond = random.nextInt(6) == 0 ? 4 : 1;
    long from = Math.max(0, now.first() - 1);
    long firstKept = from + random.nextInt((int) (now.last + beyond - from + 1));
    long held = holds.stream().mapToLong(WalHold::fromIndex).min().orElse(Long.MAX_VALUE);
    long kept = Math.max(now.floor, Math.min(firstKept, held));
    int step =
        attempt(
            (content, order) -> {
              content.cells.headMap(kept).clear();
              content.floor = Math.max(content.floor, kept);
              content.last = Math.max(content.last, kept - 1);
            });
    long really = wal.truncateBefore(firstKept);
    // Of an empty log the indexes below are refused, which a crash may have undone unseen.
    require(
        really <= kept && really >= Math.min(firstKept, held),
        "truncated before " + really + " and not " + kept);
    history.acknowledge(step, kept > now.floor || durableMode);
    mix.count("truncateBefore");
  }

  private void truncateAfter() throws IOException {
    if (mayLoseFront()) {
      return;
    }
    Content now = history.now();
    long from = wal.firstIndex() - 1;
    long lastKept = Math.max(0, from + random.nextInt((int) (now.last - from + 2)));
    boolean changes = lastKept < now.last;
    int step =
        attempt(
            (content, order) -> {
              if (lastKept < content.last) {
                content.cells.tailMap(lastKept, false).clear();
                content.last = lastKept;
              }
            });
    wal.truncateAfter(lastKept);
    history.acknowledge(step, changes);
    mix.count("truncateAfter");
  }

  /** Making room for an operation may take the front away first, and with it what it is about. */
  private boolean mayLoseFront() {
    return retains && !wal.retentionPreview().isEmpty();
  }

  private void reset() throws IOException {
    long nextIndex = 1 + random.nextInt((int) history.now().last + 5);
    int step =
        attempt(
            (content, order) -> {
              content.cells.clear();
              content.floor = nextIndex;
              content.last = nextIndex - 1;
            });
    wal.reset(nextIndex);
    history.acknowledge(step, true);
    mix.count("reset");
  }

  private void sync() throws IOException {
    watcher.begin(Place.WRITING);
    int step = history.attempted();
    wal.sync();
    history.acknowledge(step, true);
  }

  private void holdOrRelease() {
    if (holds.isEmpty() || random.nextBoolean()) {
      holds.add(wal.hold(random.nextInt((int) history.now().last + 2)));
    } else {
      holds.remove(random.nextInt(holds.size())).close();
    }
  }

  private void writeTaken() throws IOException {
    Content now = history.now();
    if (now.cells.isEmpty() || mayLoseFront()) {
      return;
    }
    watcher.begin(Place.WRITING);
    try {
      wal.write(anyIndex(now), "taken", new byte[3]);
      throw new AssertionError("took an index twice");
    } catch (DuplicateIndexException | NonSequentialIndexException e) {
      // as promised
    }
  }

  private void pass(Duration time) {
    disk.passTime(time);
    settle();
    settle();
  }

  private void close() throws IOException {
    watcher.begin(Place.CLOSING);
    int attempted = history.attempted();
    closed = true;
    wal.close();
    history.acknowledge(attempted, true);
    mix.count("closed");
  }

  // ---- between operations

  private int attempt(Step step) {
    return history.attempt(step);
  }

  private void background() {
    if (closed) {
      return;
    }
    int kind = random.nextInt(10);
    if (kind < 3) {
      settle();
    } else if (kind < 6) {
      watcher.begin(Place.BETWEEN);
      disk.stepBackground(random);
    }
  }

  /** Runs what is to be run in the background, until nothing is left. */
  private void settle() {
    boolean worked = true;
    while (worked) {
      worked = false;
      for (BooleanSupplier worker : disk.background()) {
        watcher.begin(watcher.place() == Place.WRITING ? Place.WRITING : Place.BETWEEN);
        worked |= worker.getAsBoolean();
      }
    }
  }

  /** The live log agrees, and what it says of durability is taken at its word. */
  private void look() throws IOException {
    if (closed || disk.isStopped() || wal.stats().failure().isPresent()) {
      return;
    }
    if (retains) {
      history.shows((int) wal.size());
    }
    Content now = history.now();
    require(
        wal.size() == now.cells.size()
            && wal.firstIndex() == now.first()
            && wal.lastIndex() == now.last,
        "shows " + wal.size() + " entries, " + wal.firstIndex() + " to " + wal.lastIndex());
    history.durableIndex(wal.durableIndex());
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what + "; expected " + history.now());
    }
  }
}
