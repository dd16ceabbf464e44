package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.KillStates.State;
import dev.walnut.exception.CompactedException;
import dev.walnut.exception.TruncatedException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.LogSalvage;
import dev.walnut.internal.segment.ReadOnlyStore;
import dev.walnut.internal.segment.SegmentStore;
import dev.walnut.internal.segment.StoreEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One run of a script: takes its steps and keeps book of what was attempted, acknowledged, and
 * acknowledged as durable.
 *
 * <p>The log's background threads are stepped between the steps, on the same thread, so that every
 * run makes the same calls in the same order, as far as it goes.
 */
final class KillRun {
  static final String PREFIX = "segment_";

  /** Is told before each act, openings and closings included, and of what was acknowledged. */
  interface Listener {
    void act(int number) throws IOException;

    void acknowledged(int step);

    /**
     * The disk has ended the script, and nothing is closed yet.
     *
     * @param log the open log; null if there is none
     */
    default void ended(IOException why, @Nullable Wal log) throws IOException {}
  }

  private static final Listener NOBODY =
      new Listener() {
        @Override
        public void act(int number) {}

        @Override
        public void acknowledged(int step) {}
      };

  private interface Action {
    void run() throws IOException;
  }

  /** All states so far; those behind {@link #acknowledged} were attempted only. */
  final KillStates states = new KillStates();

  /** The last step that was acknowledged: it survives a killed process. */
  int acknowledged;

  /** The last step that was acknowledged as durable: it survives a power cut. */
  int durable;

  private final Disk disk;
  private final Path dir;
  private final Listener listener;
  private final Random random;
  private final List<WalHold> holds = new ArrayList<>();
  private SteppedThreads threads = new SteppedThreads();
  private long wallClockMillis = 1_000_000;
  private int acts;
  private final List<Integer> attemptedByAct = new ArrayList<>();
  private @Nullable Wal wal;
  private @Nullable WalReader reader;
  private @Nullable WalCursor cursor;
  private boolean retains;

  KillRun(Disk disk, Path dir, long seed) {
    this(disk, dir, seed, NOBODY);
  }

  KillRun(Disk disk, Path dir, long seed, Listener listener) {
    this.disk = disk;
    this.dir = dir;
    this.random = new Random(seed);
    this.listener = listener;
  }

  /** Runs the script to its end, or to where the disk ends it; releases all it holds. */
  void run(KillScript script) throws IOException {
    try {
      script.run(this);
    } catch (IOException e) {
      listener.ended(e, wal);
      throw e;
    } finally {
      if (reader != null) {
        reader.close();
      }
      if (wal != null) {
        wal.close();
      }
    }
  }

  private StoreEnvironment environment() {
    return new StoreEnvironment(disk, "a test", random::nextLong, () -> wallClockMillis);
  }

  private Internals internals() {
    StoreEnvironment environment = environment();
    StoreOpener opener =
        new StoreOpener() {
          @Override
          public OpenedStore open(WalConfig config) throws IOException {
            SegmentStore store = SegmentStore.open(environment, SegmentStores.options(config));
            return new OpenedStore(store, store.recovery(), store.backend(), store.backendReason());
          }

          @Override
          public EntrySource openReadOnly(Path dir, String prefix) throws IOException {
            return ReadOnlyStore.open(environment, dir, prefix);
          }
        };
    return new Internals(opener, threads);
  }

  /** Settings that make a log small and its opening cheap. */
  WalConfig.Builder small() {
    return WalConfig.forDatabase(dir)
        .segmentThreshold(3)
        .segmentBytes(16 * 1024)
        .maxBatchBytes(16 * 1024)
        .indexOrder(IndexOrder.UNIQUE);
  }

  // ---- openings and closings

  /** Opens the log; opening writes again and syncs whatever it accepts. */
  void open(WalConfig.Builder config) throws IOException {
    act();
    WalConfig built = config.build();
    threads = new SteppedThreads();
    wal = Wal.open(built, internals());
    retains = built.maxSegments() > 0 || built.retainBytes() > 0 || !built.retainFor().isZero();
    durable = acknowledged;
    assertAgrees();
    chores();
  }

  void close() throws IOException {
    act();
    Wal closing = log();
    wal = null;
    closing.close();
    durable = acknowledged;
  }

  /** Opens a reader that goes on to follow the files; see {@link #tail}. */
  void openReader() throws IOException {
    act();
    reader = Wal.openReadOnly(dir, PREFIX, internals());
    cursor = reader.cursor(0, ReadUpTo.DURABLE);
  }

  /**
   * Reads on as far as the reader goes. What it shows is durable, and one of the entries that were
   * written.
   */
  void tail() throws IOException {
    act();
    boolean more = true;
    while (more) {
      try {
        more = cursor.await(Duration.ZERO);
        for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
          shown(entry);
        }
      } catch (CompactedException e) {
        cursor = reader.cursor(reader.firstIndex(), ReadUpTo.DURABLE);
      } catch (TruncatedException e) {
        cursor = reader.cursor(e.lastKept() + 1, ReadUpTo.DURABLE);
      }
    }
  }

  private void shown(WalEntry entry) {
    int step = Integer.parseInt(entry.key().substring(1));
    assertThat(step).isBetween(1, states.number());
    WalEntry written = states.get(step).entries().get(entry.index());
    assertThat(entry.isTombstone() ? entry.key() : entry)
        .isEqualTo(entry.isTombstone() ? written.key() : written);
    durable = Math.max(durable, step);
  }

  // ---- steps

  /** Writes entries under these indexes, one after the other. */
  void write(long... indexes) throws IOException {
    for (long index : indexes) {
      WalEntry entry = next(index, 40);
      step(with(entry), () -> log().write(index, entry.key(), entry.value()));
    }
  }

  void writeLarge(long index, int bytes) throws IOException {
    WalEntry entry = next(index, bytes);
    step(with(entry), () -> log().write(index, entry.key(), entry.value()));
  }

  void append(int entries) throws IOException {
    for (int i = 0; i < entries; i++) {
      WalEntry entry = next(states.now().last() + 1, 40);
      step(
          with(entry),
          () -> assertThat(log().append(entry.key(), entry.value())).isEqualTo(entry.index()));
    }
  }

  void writeWithSync(long index) throws IOException {
    WalEntry entry = next(index, 40);
    step(with(entry), () -> log().writeWithSync(index, entry.key(), entry.value()));
    durable = acknowledged;
  }

  /** Writes entries that wait together, and so share one write and one sync. */
  void writeTogether(long... indexes) throws IOException {
    act();
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    for (long index : indexes) {
      WalEntry entry = next(index, 40);
      states.add(with(entry));
      futures.add(log().writeAsync(index, entry.key(), entry.value()));
    }
    int first = acknowledged + 1;
    settle();
    for (CompletableFuture<Long> future : futures) {
      await(future);
      acknowledge(first++);
    }
    assertAgrees();
    chores();
  }

  /** Writes entries as one write batch. */
  void writeBatch(long... indexes) throws IOException {
    WriteBatch batch = new WriteBatch();
    TreeMap<Long, WalEntry> after = new TreeMap<>(states.now().entries());
    long last = states.now().last();
    for (long index : indexes) {
      WalEntry entry = next(index, 40);
      batch.put(index, entry.key(), entry.value());
      after.put(index, entry);
      last = Math.max(last, index);
    }
    step(new State(after, after.firstKey(), last), () -> log().write(batch));
  }

  void tombstone(long index) throws IOException {
    State now = states.now();
    TreeMap<Long, WalEntry> after = new TreeMap<>(now.entries());
    after.put(index, WalEntry.owning(index, after.get(index).key(), new byte[0], true));
    step(new State(after, now.first(), now.last()), () -> log().tombstone(index));
  }

  void truncateBefore(long firstKept) throws IOException {
    State now = states.now();
    State after = new State(now.entries(), now.first(), Math.max(now.last(), firstKept - 1));
    step(after.from(firstKept), () -> log().truncateBefore(firstKept));
    durable = acknowledged;
  }

  void truncateAfter(long lastKept) throws IOException {
    TreeMap<Long, WalEntry> after = new TreeMap<>(states.now().entries().headMap(lastKept + 1));
    long first = after.isEmpty() ? lastKept + 1 : after.firstKey();
    step(new State(after, first, lastKept), () -> log().truncateAfter(lastKept));
    durable = acknowledged;
  }

  void reset(long nextIndex) throws IOException {
    step(new State(new TreeMap<>(), nextIndex, nextIndex - 1), () -> log().reset(nextIndex));
    durable = acknowledged;
  }

  /** Copies the log, which makes all of it durable. */
  void backup() throws IOException {
    act();
    log().backup(KillCopyCheck.besides(dir));
    durable = acknowledged;
    states.copied = states.now();
    chores();
  }

  void sync() throws IOException {
    act();
    log().sync();
    durable = acknowledged;
    chores();
  }

  /** Lets the interval of {@link SyncMode#INTERVAL} pass. */
  void awaitInterval() throws IOException {
    act();
    CompletableFuture<Long> future = log().whenDurable(states.now().last());
    threads.now += log().config().syncInterval().toNanos();
    settle();
    await(future);
    durable = acknowledged;
    chores();
  }

  /** Lets the log go idle, so that a mark is written. */
  void idle() throws IOException {
    act();
    settle();
    threads.now += LogThread.IDLE_NANOS;
    settle();
  }

  void hold(long fromIndex) {
    holds.add(log().hold(fromIndex));
  }

  void releaseHolds() {
    holds.forEach(WalHold::close);
    holds.clear();
  }

  /** Lets the wall clock move on, for retention by age. */
  void pass(Duration time) {
    wallClockMillis += time.toMillis();
  }

  /** Flips a bit of a file of the closed log, durably; until it is salvaged it is corrupt. */
  void damage(String file, long offset) throws IOException {
    act();
    try (DiskDirectory directory = disk.openDirectory(dir);
        DiskFile opened = directory.open(file)) {
      Memory memory = disk.allocate(1);
      opened.read(offset, memory, 0, 1);
      memory.bytes().put(0, (byte) (memory.bytes().get(0) ^ 4));
      WritePlan plan = disk.newPlan();
      plan.span(memory, 0, 1);
      opened.write(offset, plan, Durability.FILE);
    }
  }

  /** Salvages the closed log, which loses one entry. */
  void salvage(long lost) throws IOException {
    State now = states.now();
    TreeMap<Long, WalEntry> after = new TreeMap<>(now.entries());
    after.remove(lost);
    step(new State(after, now.first(), now.last()), () -> salvage(environment(), dir));
    durable = acknowledged;
  }

  static void salvage(StoreEnvironment environment, Path dir) throws IOException {
    LogSalvage.run(
        environment, dir, PREFIX, /* apply= */ true, VerifyReport.teller(VerifyListener.NONE));
  }

  // ---- one step

  private Wal log() {
    return java.util.Objects.requireNonNull(wal, "the log is not open");
  }

  private void act() throws IOException {
    attemptedByAct.add(states.number());
    listener.act(acts++);
  }

  /** The last step that may have been attempted when so many acts had begun. */
  int attemptedIn(int actsBegun) {
    return actsBegun < attemptedByAct.size() ? attemptedByAct.get(actsBegun) : states.number();
  }

  private void step(State next, Action action) throws IOException {
    act();
    states.add(next);
    action.run();
    acknowledge(states.number());
    if (wal != null) {
      assertAgrees();
      chores();
    }
  }

  private void acknowledge(int step) {
    acknowledged = step;
    if (wal != null && wal.config().acknowledgesDurable()) {
      durable = step;
    }
    listener.acknowledged(step);
  }

  /** The live log agrees, but for what retention may have taken from its front. */
  private void assertAgrees() throws IOException {
    if (retains) {
      states.retained(log().firstIndex());
    }
    State expected = states.now();
    assertThat(log().firstIndex()).isEqualTo(expected.first());
    assertThat(log().lastIndex()).isEqualTo(expected.last());
    assertThat(log().size()).isEqualTo(expected.entries().size());
  }

  /** Sealing, footers, files prepared and deleted; not after every step, so that they pile up. */
  private void chores() {
    if (states.number() % 3 != 1) {
      settle();
    }
  }

  private void settle() {
    threads.settle();
    threads.settle(); // the log thread may have queued a mark with its last step
  }

  private static void await(CompletableFuture<Long> future) throws IOException {
    if (!future.isDone()) {
      throw new IOException("not completed");
    }
    try {
      future.join();
    } catch (java.util.concurrent.CompletionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
    }
  }

  /** An entry of the next step: its key tells which. */
  private WalEntry next(long index, int bytes) {
    int step = states.number() + 1;
    StringBuilder value = new StringBuilder();
    while (value.length() < bytes) {
      value.append("step ").append(step).append(" index ").append(index).append(' ');
    }
    byte[] whole = value.toString().getBytes(StandardCharsets.UTF_8);
    int length = step % 7 == 0 ? 0 : bytes - step % 5;
    return WalEntry.of(index, "k" + step, java.util.Arrays.copyOf(whole, length));
  }

  private State with(WalEntry entry) {
    TreeMap<Long, WalEntry> after = new TreeMap<>(states.now().entries());
    after.put(entry.index(), entry);
    return new State(after, after.firstKey(), Math.max(states.now().last(), entry.index()));
  }
}
