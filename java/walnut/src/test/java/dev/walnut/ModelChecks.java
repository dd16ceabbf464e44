package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;

/** What holds of a log at any time, and all of what it holds. */
final class ModelChecks {
  private final ModelRun run;
  private final ModelLog model;

  ModelChecks(ModelRun run) {
    this.run = run;
    this.model = run.model;
  }

  /** After every operation that leaves nothing under way. */
  void invariants() throws IOException {
    if (!run.futures.isEmpty()) {
      return;
    }
    assertEndsAgree(run.wal);
    assertDurable();
    long index = run.someIndex();
    assertThat(run.wal.contains(index)).isEqualTo(model.alive.containsKey(index));
  }

  private void assertDurable() {
    assertThat(run.wal.durableIndex()).isBetween(model.durableAtLeast(), model.last);
  }

  void get() throws IOException {
    run.futures.join();
    long index = run.someIndex();
    run.say("get " + index);
    ModelLog.Cell expected = model.alive.get(index);
    assertThat(run.wal.get(index).orElse(null))
        .isEqualTo(expected == null ? null : expected.entry());
    assertThat(run.wal.contains(index)).isEqualTo(expected != null);
  }

  /** A sync, and who waits for something to be durable. */
  void sync() throws IOException {
    long index = run.someIndex();
    run.say("sync, and wait for " + index);
    CompletableFuture<Long> durable = run.wal.whenDurable(index);
    ModelRun.Outcome outcome = run.call(run.wal::sync);
    outcome.assertIs(model.last);
    assertThat(run.wal.durableIndex()).isEqualTo(model.last);
    model.synced();
    if (model.alive.containsKey(index) || index < model.floor) {
      assertThat(durable.join()).isEqualTo(index);
    } else if (index > model.last) {
      assertThat(durable).isNotDone();
    }
  }

  void everything() throws IOException {
    run.futures.join();
    run.say("all");
    assertAgrees(run.wal);
  }

  void assertAgrees(WalReader reader) throws IOException {
    assertEndsAgree(reader);
    Iterator<ModelLog.Cell> expected = model.alive.values().iterator();
    for (WalEntry entry : reader) {
      assertThat(expected.hasNext()).as("expected an end, not " + entry).isTrue();
      assertThat(entry).isEqualTo(expected.next().entry());
    }
    assertThat(expected).isExhausted();
    for (ModelLog.Cell cell : model.alive.values()) {
      assertThat(reader.get(cell.index)).contains(cell.entry());
    }
  }

  void assertEndsAgree(WalReader reader) {
    assertThat(reader.lastIndex()).as("last index").isEqualTo(model.last);
    assertThat(reader.size()).as("size").isEqualTo(model.alive.size());
    assertThat(reader.firstIndex()).as("first index").isEqualTo(model.first());
    assertThat(reader.isEmpty()).isEqualTo(model.alive.isEmpty());
  }
}
