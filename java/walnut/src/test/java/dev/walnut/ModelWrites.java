package dev.walnut;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.NonSequentialIndexException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Writing in every way there is: blocking or not, durable or as the mode says, alone or not. */
final class ModelWrites {
  private static final Class<?>[] REFUSED = {
    DuplicateIndexException.class, NonSequentialIndexException.class
  };

  private final ModelRun run;
  private final ModelLog model;

  ModelWrites(ModelRun run) {
    this.run = run;
    this.model = run.model;
  }

  /** Several that do not wait for one another. */
  void async() throws IOException {
    for (int i = 1 + run.random.nextInt(6); i > 0; i--) {
      switch (run.random.nextInt(5)) {
        case 0 -> writeAsync();
        case 1, 2 -> appendAsync();
        case 3 -> writeBatchAsync();
        default -> appendBatchAsync();
      }
    }
    if (run.segments.retains()) {
      run.futures.join();
    }
  }

  // ---- one entry

  void write() throws IOException {
    WalEntry entry = run.someEntry(run.someIndex());
    long index = entry.index();
    byte[] value = entry.value();
    int way = run.random.nextInt(4);
    run.say("write " + index + ", way " + way);
    ModelRun.Outcome outcome =
        run.call(
            () ->
                switch (way) {
                  case 0 -> run.wal.writeWithSync(index, entry.key(), value);
                  case 1 -> run.wal.writeWithSync(index, entry.key(), ByteBuffer.wrap(value));
                  case 2 -> run.wal.write(index, entry.key(), ByteBuffer.wrap(value));
                  default -> run.wal.write(index, entry.key(), value);
                });
    settle(outcome, List.of(entry), way < 2);
  }

  void append() throws IOException {
    int way = run.random.nextInt(6);
    run.say("append, way " + way);
    String key = way < 4 ? run.someKey() : "";
    byte[] value = run.someValue();
    ModelRun.Outcome outcome =
        run.call(
            () ->
                switch (way) {
                  case 0 -> run.wal.appendWithSync(key, value);
                  case 1 -> run.wal.appendWithSync(key, ByteBuffer.wrap(value));
                  case 2 -> run.wal.append(key, ByteBuffer.wrap(value));
                  case 4 -> run.wal.append(value);
                  case 5 -> run.wal.append(ByteBuffer.wrap(value));
                  default -> run.wal.append(key, value);
                });
    settle(outcome, List.of(WalEntry.of(model.last + 1, key, value)), way < 2);
  }

  private void writeAsync() {
    long index = someIndexSoon();
    WalEntry entry = run.someEntry(index);
    boolean durable = run.chance(4);
    run.say("writeAsync " + index + (durable ? ", durable" : ""));
    boolean taken = model.takes(index, run.order);
    CompletableFuture<Long> future =
        durable
            ? run.wal.writeWithSyncAsync(index, entry.key(), ByteBuffer.wrap(entry.value()))
            : run.wal.writeAsync(index, entry.key(), entry.value());
    settle(future, taken, List.of(entry), durable);
  }

  private void appendAsync() {
    WalEntry entry = run.someEntry(model.last + 1);
    boolean durable = run.chance(4);
    run.say("appendAsync " + entry.index() + (durable ? ", durable" : ""));
    CompletableFuture<Long> future =
        durable
            ? run.wal.appendWithSyncAsync(entry.key(), entry.value())
            : run.wal.appendAsync(entry.key(), ByteBuffer.wrap(entry.value()));
    settle(future, true, List.of(entry), durable);
  }

  /** Of what is under way nobody knows what retention takes; this is not among it. */
  private long someIndexSoon() {
    if (!run.segments.retains()) {
      return run.someIndex();
    }
    return run.chance(3) && model.alive.containsKey(model.last) ? model.last : model.last + 1;
  }

  // ---- write batches

  void writeBatch() throws IOException {
    TreeMap<Long, WalEntry> wanted = someBatch(run.someIndex());
    WriteBatch batch = batch(wanted.values());
    boolean durable = run.chance(4);
    run.say("write batch " + wanted.keySet() + (durable ? ", durable" : ""));
    ModelRun.Outcome outcome =
        run.call(() -> durable ? run.wal.writeWithSync(batch) : run.wal.write(batch));
    settle(outcome, wanted.values(), durable);
  }

  private void writeBatchAsync() {
    TreeMap<Long, WalEntry> wanted = someBatch(someIndexSoon());
    WriteBatch batch = batch(wanted.values());
    boolean durable = run.chance(4);
    run.say("writeAsync batch " + wanted.keySet() + (durable ? ", durable" : ""));
    boolean taken = takesAll(wanted.values());
    CompletableFuture<Long> future =
        durable ? run.wal.writeWithSyncAsync(batch) : run.wal.writeAsync(batch);
    batch.clear();
    settle(future, taken, wanted.values(), durable);
  }

  private TreeMap<Long, WalEntry> someBatch(long first) {
    TreeMap<Long, WalEntry> wanted = new TreeMap<>();
    boolean sequential = run.order == IndexOrder.SEQUENTIAL;
    long index = sequential && !run.chance(6) ? model.last + 1 : first;
    for (int i = 1 + run.random.nextInt(12); i > 0; i--) {
      wanted.put(index, run.someEntry(index));
      index += sequential && !run.chance(80) ? 1 : 1 + run.random.nextInt(3);
    }
    return wanted;
  }

  private WriteBatch batch(Collection<WalEntry> entries) {
    WriteBatch batch = new WriteBatch();
    for (WalEntry entry : entries) {
      if (run.random.nextBoolean()) {
        batch.put(entry.index(), entry.key(), entry.value());
      } else {
        batch.put(entry.index(), entry.key(), ByteBuffer.wrap(entry.value()));
      }
    }
    return batch;
  }

  private boolean takesAll(Collection<WalEntry> entries) {
    if (run.order == IndexOrder.UNIQUE) {
      return entries.stream().allMatch(e -> model.takes(e.index(), run.order));
    }
    long next = model.last + 1;
    for (WalEntry entry : entries) {
      if (entry.index() != next++) {
        return false;
      }
    }
    return model.takes(model.last + 1, run.order);
  }

  void appendBatch() throws IOException {
    WriteBatch batch = new WriteBatch();
    List<byte[]> values = new ArrayList<>();
    for (int i = run.random.nextInt(12); i > 0; i--) {
      byte[] value = run.someValue();
      values.add(value);
      batch.add(value);
    }
    boolean durable = run.chance(4);
    run.say("append batch of " + values.size() + (durable ? ", durable" : ""));
    run.futures.join(); // an empty batch says the last index as it is now
    ModelRun.Outcome outcome =
        run.call(() -> durable ? run.wal.appendWithSync(batch) : run.wal.append(batch));
    List<WalEntry> wanted = new ArrayList<>();
    values.forEach(v -> wanted.add(WalEntry.of(model.last + 1 + wanted.size(), "", v)));
    settle(outcome, wanted, durable);
  }

  private void appendBatchAsync() {
    WriteBatch batch = new WriteBatch();
    List<WalEntry> wanted = new ArrayList<>();
    for (int i = 1 + run.random.nextInt(5); i > 0; i--) {
      WalEntry entry = run.someEntry(model.last + 1 + wanted.size());
      wanted.add(entry);
      batch.add(entry.key(), entry.value());
    }
    boolean durable = run.chance(4);
    run.say("appendAsync batch of " + wanted.size() + (durable ? ", durable" : ""));
    CompletableFuture<Long> future =
        durable ? run.wal.appendWithSyncAsync(batch) : run.wal.appendAsync(batch);
    settle(future, true, wanted, durable);
  }

  // ---- the other requests

  void tombstone() throws IOException {
    long index = run.someIndex();
    run.say("tombstone " + index);
    ModelRun.Outcome outcome =
        run.call(
            () -> {
              run.wal.tombstone(index);
              return null;
            });
    outcome.assertIs(null);
    model.tombstone(index);
  }

  // ---- what came of it

  private void settle(ModelRun.Outcome outcome, Collection<WalEntry> entries, boolean durable)
      throws IOException {
    if (!takesAll(entries)) {
      outcome.assertFailed(REFUSED);
      return;
    }
    entries.forEach(model::put);
    outcome.assertIs(entries.stream().mapToLong(WalEntry::index).max().orElse(model.last));
    if (!entries.isEmpty() && (durable || run.wal.config().acknowledgesDurable())) {
      model.synced();
    }
    if (!entries.isEmpty()) {
      run.segments.afterWrite();
    }
  }

  private void settle(
      CompletableFuture<Long> future,
      boolean taken,
      Collection<WalEntry> entries,
      boolean durable) {
    if (!taken) {
      run.futures.addRefused(future, REFUSED);
      return;
    }
    entries.forEach(model::put);
    run.futures.add(future, entries.stream().mapToLong(WalEntry::index).max().orElseThrow());
    if (durable || run.wal.config().acknowledgesDurable()) {
      model.synced();
    }
  }
}
