package dev.walnut;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.EntryTooLargeException;
import java.io.IOException;
import java.util.List;

/** Calls that are refused at once and change nothing. */
final class ModelRefusals {
  private static final byte[] VALUE = new byte[3];
  private static final List<Long> NO_INDEXES = List.of(-1L, Long.MIN_VALUE, Long.MAX_VALUE);

  private interface Call {
    void run() throws IOException;
  }

  private final ModelRun run;

  ModelRefusals(ModelRun run) {
    this.run = run;
  }

  void one() throws IOException {
    run.futures.join();
    switch (run.random.nextInt(4)) {
      case 0 -> outOfRange();
      case 1 -> tooLarge();
      case 2 -> badBatch();
      default -> badKey();
    }
  }

  private void outOfRange() {
    long index = NO_INDEXES.get(run.random.nextInt(NO_INDEXES.size()));
    Wal wal = run.wal;
    List<Call> calls =
        List.of(
            () -> wal.write(index, "", VALUE),
            () -> wal.writeAsync(index, "", VALUE),
            () -> wal.tombstone(index),
            () -> wal.truncateBefore(index),
            () -> wal.truncateAfter(index),
            () -> wal.reset(index),
            () -> wal.hold(index),
            () -> wal.get(index),
            () -> wal.contains(index),
            () -> wal.cursor(index),
            () -> wal.whenDurable(index),
            () -> new WriteBatch().put(index, "", VALUE));
    int call = run.random.nextInt(calls.size());
    run.say("out of range " + index + ", call " + call);
    assertThatThrownBy(calls.get(call)::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(index));
  }

  private void tooLarge() {
    byte[] large = new byte[run.wal.config().maxEntryBytes() + 1];
    long next = run.model.last + 1;
    WriteBatch withOne = new WriteBatch().add(VALUE).add(large);
    WriteBatch many = new WriteBatch();
    for (int i = 0; i <= run.wal.config().maxWriteBatchBytes() / 1000; i++) {
      many.add(new byte[1000]);
    }
    Wal wal = run.wal;
    List<Call> calls =
        List.of(
            () -> wal.write(next, "", large),
            () -> wal.writeAsync(next, "", large),
            () -> wal.append(large),
            () -> wal.appendWithSyncAsync(large),
            () -> wal.append(withOne),
            () -> wal.appendAsync(withOne),
            () -> wal.append(many));
    int call = run.random.nextInt(calls.size());
    run.say("too large, call " + call);
    assertThatThrownBy(calls.get(call)::run).isInstanceOf(EntryTooLargeException.class);
  }

  private void badBatch() {
    WriteBatch with = new WriteBatch().put(run.model.last + 1, "", VALUE);
    WriteBatch without = new WriteBatch().add(VALUE);
    run.say("bad batch");
    assertThatThrownBy(() -> run.wal.append(with)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> run.wal.writeAsync(without))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void badKey() {
    String key = "half a pair \ud800";
    long next = run.model.last + 1;
    run.say("bad key");
    assertThatThrownBy(() -> run.wal.write(next, key, VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> run.wal.appendAsync(key, VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
