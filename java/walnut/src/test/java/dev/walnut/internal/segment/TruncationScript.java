package dev.walnut.internal.segment;

import dev.walnut.exception.NoSpaceException;
import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Two lives of a log with truncations at both ends, resets, tombstones and indexes written again,
 * and every state that the log goes through on its way: what a crash leaves must be one of them.
 */
final class TruncationScript {
  /** What a log holds, and its ends. */
  record State(TreeMap<Long, String> entries, long floor, long last) {

    static State of(SegmentStore store) throws IOException {
      return new State(StoreFixture.read(store), store.floor(), store.lastIndex());
    }
  }

  /** Every state so far, in order; the last ones attempted only. */
  final List<State> states = new ArrayList<>();

  /** Which of them was the last to be acknowledged. */
  int acknowledged;

  /** Which of them was the last to be durable for certain. */
  int durable;

  private final boolean ahead;
  private SegmentStore store;
  private int writes;

  /** How often there was no space. */
  int refusals;

  /**
   * @param ahead whether all is synced and prepared ahead; else only what must be
   */
  TruncationScript(boolean ahead) {
    this.ahead = ahead;
    states.add(new State(new TreeMap<>(), 0, 0));
  }

  static SegmentStore open(Disk disk, Path dir, boolean ahead) throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 4, 8 * 1024, 0, false, ahead, 16 * 1024, 2, false);
    return SegmentStore.open(StoreFixture.environment(disk, 3), options);
  }

  /** Runs it; after a failure nothing more is written, since the log has failed. */
  void run(Disk disk, Path dir) throws IOException {
    live(disk, dir, this::firstLife);
    live(disk, dir, this::secondLife);
  }

  private interface Life {
    void run() throws IOException;
  }

  private void live(Disk disk, Path dir, Life life) throws IOException {
    store = open(disk, dir, ahead);
    try {
      durable = acknowledged; // opening writes again and syncs what it accepts
      life.run();
      StoreFixture.runChores(store);
      store.finish();
      durable = acknowledged;
    } finally {
      store.close();
    }
  }

  private void firstLife() throws IOException {
    write(1, 2);
    write(3, 4);
    write(5, 6);
    tombstone(3);
    tombstone(6);
    truncateBefore(4);
    write(7, 8);
    write(9, 10);
    truncateAfter(7);
    write(8, 9);
    tombstone(8);
    write(20, 30); // scattered
    truncateAfter(25);
    write(22, 30);
    reset(50);
    write(50, 51);
    write(52, 53);
    truncateBefore(52);
    write(54, 55);
    truncateBefore(100);
    write(100, 101);
  }

  private void secondLife() throws IOException {
    write(102, 103);
    truncateAfter(100);
    write(101, 102);
    write(103, 104);
    reset(5);
    write(5, 6);
    write(7, 8);
    tombstone(5);
    truncateBefore(6);
    truncateAfter(5);
    write(6, 7);
  }

  private State now() {
    return states.get(states.size() - 1);
  }

  // ---- steps

  /** Writes two entries in one batch. */
  private void write(long one, long other) throws IOException {
    writes++;
    TreeMap<Long, String> after = new TreeMap<>(now().entries());
    for (long index : new long[] {one, other}) {
      after.put(index, StoreFixture.line(index, "k", value(), false));
    }
    step(
        new State(after, now().floor(), Math.max(now().last(), Math.max(one, other))),
        () -> {
          StoreFixture.add(store, one, "k", value());
          StoreFixture.add(store, other, "k", value());
        },
        ahead);
  }

  private byte[] value() {
    return ("write " + writes).getBytes(StandardCharsets.UTF_8);
  }

  private void tombstone(long index) throws IOException {
    TreeMap<Long, String> after = new TreeMap<>(now().entries());
    after.put(index, StoreFixture.line(index, "k", new byte[0], true));
    step(new State(after, now().floor(), now().last()), () -> store.addTombstone(index), ahead);
  }

  private void truncateBefore(long firstKept) throws IOException {
    TreeMap<Long, String> after = new TreeMap<>(now().entries().tailMap(firstKept));
    State next =
        new State(after, Math.max(now().floor(), firstKept), Math.max(now().last(), firstKept - 1));
    step(next, () -> store.addTruncateBefore(firstKept), true);
  }

  private void truncateAfter(long lastKept) throws IOException {
    TreeMap<Long, String> after = new TreeMap<>(now().entries().headMap(lastKept + 1));
    step(new State(after, now().floor(), lastKept), () -> store.addTruncateAfter(lastKept), true);
  }

  private void reset(long nextIndex) throws IOException {
    State next = new State(new TreeMap<>(), nextIndex, nextIndex - 1);
    step(next, () -> store.addReset(nextIndex), true);
  }

  private void step(State next, Runnable add, boolean toBeDurable) throws IOException {
    states.add(next);
    try {
      commit(add);
    } catch (NoSpaceException e) {
      refusals++;
      if (!State.of(store).equals(states.get(acknowledged))) {
        throw new AssertionError("refused for want of space, and yet changed: " + State.of(store));
      }
      commit(add);
    }
    acknowledged = states.size() - 1;
    durable = toBeDurable ? acknowledged : durable;
    if (!State.of(store).equals(next)) {
      throw new AssertionError("expected " + next + " and not " + State.of(store));
    }
    StoreFixture.runChores(store);
  }

  private void commit(Runnable add) throws IOException {
    if (!store.fits(2, 100)) {
      store.rotate();
    }
    add.run();
    store.commit(ahead);
  }
}
