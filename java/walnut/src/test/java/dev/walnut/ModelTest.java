package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random calls of the whole API against a map. The log is closed and opened, or left as a killed
 * process leaves it, every few hundred of them.
 *
 * <p>The seed is {@code -Dwalnut.model.seed=N}; a failure names the one it came from.
 */
@Timeout(120)
class ModelTest {
  private static final long SEED = Long.getLong("walnut.model.seed", 2026);
  private static final int RUNS = 2;
  private static final int CALLS = 2_600;

  @TempDir Path base;

  static List<Arguments> logs() {
    List<Arguments> logs = new ArrayList<>();
    for (Backend backend : new Backend[] {Backend.JAVA, Backend.NATIVE}) {
      for (IndexOrder order : IndexOrder.values()) {
        for (int run = 0; run < RUNS; run++) {
          logs.add(Arguments.of(backend, order, SEED + run));
        }
      }
    }
    return logs;
  }

  /** What a log should hold. */
  private static final class Model {
    final TreeMap<Long, WalEntry> entries = new TreeMap<>();
    long floor;
    long last;

    long first() {
      return entries.isEmpty() ? last + 1 : entries.firstKey();
    }

    boolean takes(long index, IndexOrder order) {
      boolean inOrder = order == IndexOrder.UNIQUE || index == last + 1;
      return inOrder && index >= floor && !entries.containsKey(index);
    }

    void put(long index, String key, byte[] value) {
      entries.put(index, WalEntry.of(index, key, value));
      last = Math.max(last, index);
    }
  }

  /** A cursor, and what it has still to show. */
  private record OldCursor(WalCursor cursor, Iterator<WalEntry> rest) {}

  private Random random;
  private Backend backend;
  private IndexOrder order;
  private Wal wal;
  private Path dir;
  private int lives;
  private int truncations;
  private final Model model = new Model();
  private final List<WalHold> holds = new ArrayList<>();
  private final List<OldCursor> cursors = new ArrayList<>();

  @ParameterizedTest
  @MethodSource("logs")
  void log_randomCalls_agreesWithAMap(Backend body, IndexOrder indexOrder, long seed)
      throws IOException {
    if (body == Backend.NATIVE) {
      assertThat(NativeBody.required().name()).isEqualTo("native");
    }
    random = new Random(seed);
    backend = body;
    order = indexOrder;
    dir = base.resolve("0");
    wal = open();
    int call = 0;
    try {
      for (; call < CALLS; call++) {
        callOnce();
      }
      assertAgrees();
    } catch (Throwable t) {
      throw new AssertionError(
          body + ", " + indexOrder + ", -Dwalnut.model.seed=" + seed + ", call " + call, t);
    } finally {
      wal.close();
    }
    assertThat(lives).isGreaterThan(5);
    assertThat(truncations).isGreaterThan(50);
  }

  private void callOnce() throws IOException {
    int choice = random.nextInt(1000);
    if (choice < 250) {
      write(someIndex());
    } else if (choice < 400) {
      append();
    } else if (choice < 500) {
      writeBatch();
    } else if (choice < 560) {
      appendBatch();
    } else if (choice < 620) {
      tombstone(someIndex());
    } else if (choice < 650) {
      truncateBefore();
    } else if (choice < 680) {
      truncateAfter();
    } else if (choice < 688) {
      reset();
    } else if (choice < 710) {
      hold();
    } else if (choice < 730) {
      sync();
    } else if (choice < 900) {
      get(someIndex());
    } else if (choice < 950) {
      openCursor();
    } else if (choice < 985) {
      readOldCursor();
    } else if (choice < 990) {
      assertAgrees();
    } else {
      reopen();
    }
  }

  // ---- opening

  private Wal open() throws IOException {
    SyncMode[] modes = {SyncMode.NONE, SyncMode.NONE, SyncMode.NONE, SyncMode.BATCH};
    WalConfig.Builder config =
        WalConfig.builder(dir)
            .backend(backend)
            .indexOrder(order)
            .syncMode(modes[random.nextInt(modes.length)])
            .maxSegments(0)
            .segmentThreshold(random.nextBoolean() ? 20 : 0)
            .segmentBytes(16 * 1024)
            .maxOpenSegments(2)
            .openCheck(random.nextInt(4) == 0 ? OpenCheck.FULL : OpenCheck.FOOTERS);
    return Wal.open(config.build());
  }

  private void reopen() throws IOException {
    lives++;
    cursors.clear();
    holds.clear();
    if (random.nextBoolean()) {
      wal.close();
    } else {
      Await.until(() -> wal.stats().choresPending() == 0);
      dir = LogContract.copyWhileOpen(dir, base.resolve(String.valueOf(lives)));
      wal.close();
    }
    if (random.nextInt(4) == 0) {
      try (WalReader reader = Wal.openReadOnly(dir, "segment_")) {
        assertAgrees(reader);
      }
    }
    wal = open();
    assertAgrees();
  }

  // ---- writing

  /** Mostly one near the end, taken or not. */
  private long someIndex() {
    return switch (random.nextInt(8)) {
      case 0 -> Math.max(0, model.floor - 3 + random.nextInt(6));
      case 1 -> model.last + 1 + random.nextInt(30);
      case 2, 3 -> Math.max(0, model.last - random.nextInt(100));
      default -> model.last + 1;
    };
  }

  private byte[] someValue() {
    byte[] value = new byte[random.nextInt(25) == 0 ? 2500 : random.nextInt(120)];
    random.nextBytes(value);
    return value;
  }

  private String someKey() {
    return random.nextBoolean() ? "" : "k\u00fc" + random.nextInt(100);
  }

  private interface Write {
    long run() throws IOException;
  }

  /** Runs a write in one of the ways there are. */
  private long anyWay(Write blocking, Write durable, CompletableFutures async) throws IOException {
    return switch (random.nextInt(8)) {
      case 0 -> durable.run();
      case 1, 2 -> async.start().join();
      default -> blocking.run();
    };
  }

  private interface CompletableFutures {
    CompletableFuture<Long> start();
  }

  private void write(long index) throws IOException {
    String key = someKey();
    byte[] value = someValue();
    if (!model.takes(index, order)) {
      assertRefused(() -> wal.write(index, key, value));
      return;
    }
    long written =
        anyWay(
            () -> wal.write(index, key, ByteBuffer.wrap(value)),
            () -> wal.writeWithSync(index, key, value),
            () -> wal.writeAsync(index, key, value));
    assertThat(written).isEqualTo(index);
    model.put(index, key, value);
  }

  private static void assertRefused(Write write) {
    assertThatThrownBy(write::run)
        .isInstanceOfAny(DuplicateIndexException.class, NonSequentialIndexException.class);
  }

  private void append() throws IOException {
    String key = someKey();
    byte[] value = someValue();
    long written =
        anyWay(
            () -> wal.append(key, value),
            () -> wal.appendWithSync(key, value),
            () -> wal.appendAsync(key, ByteBuffer.wrap(value)));
    assertThat(written).isEqualTo(model.last + 1);
    model.put(written, key, value);
  }

  private void writeBatch() throws IOException {
    WriteBatch batch = new WriteBatch();
    TreeMap<Long, WalEntry> wanted = new TreeMap<>();
    long index = order == IndexOrder.SEQUENTIAL ? model.last + 1 : someIndex();
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      wanted.put(index, WalEntry.of(index, someKey(), someValue()));
      index += order == IndexOrder.SEQUENTIAL ? 1 : 1 + random.nextInt(3);
    }
    boolean taken =
        order == IndexOrder.SEQUENTIAL
            || wanted.keySet().stream().allMatch(i -> model.takes(i, order));
    wanted.values().forEach(entry -> batch.put(entry.index(), entry.key(), entry.value()));
    if (!taken) {
      assertRefused(() -> wal.write(batch));
      return;
    }
    long written =
        anyWay(() -> wal.write(batch), () -> wal.writeWithSync(batch), () -> wal.writeAsync(batch));
    assertThat(written).isEqualTo(wanted.lastKey());
    model.entries.putAll(wanted);
    model.last = Math.max(model.last, wanted.lastKey());
  }

  private void appendBatch() throws IOException {
    WriteBatch batch = new WriteBatch();
    List<WalEntry> wanted = new ArrayList<>();
    for (int i = random.nextInt(12); i > 0; i--) {
      WalEntry entry = WalEntry.of(model.last + 1 + wanted.size(), someKey(), someValue());
      wanted.add(entry);
      batch.add(entry.key(), entry.value());
    }
    long written =
        anyWay(
            () -> wal.append(batch), () -> wal.appendWithSync(batch), () -> wal.appendAsync(batch));
    wanted.forEach(entry -> model.put(entry.index(), entry.key(), entry.value()));
    assertThat(written).isEqualTo(model.last);
  }

  private void tombstone(long index) throws IOException {
    wal.tombstone(index);
    WalEntry entry = model.entries.get(index);
    if (entry != null) {
      model.entries.put(index, WalEntry.owning(index, entry.key(), new byte[0], true));
    }
  }

  private void sync() throws IOException {
    assertThat(wal.sync()).isEqualTo(model.last);
    assertThat(wal.durableIndex()).isEqualTo(model.last);
  }

  // ---- taking away

  private void truncateBefore() throws IOException {
    truncations++;
    long wanted =
        random.nextInt(6) == 0
            ? model.last + 1 + random.nextInt(20)
            : Math.max(0, model.last - random.nextInt(250));
    long allowed = holds.stream().mapToLong(WalHold::fromIndex).min().orElse(Long.MAX_VALUE);
    model.floor = Math.max(model.floor, Math.min(wanted, allowed));
    model.entries.headMap(model.floor).clear();
    model.last = Math.max(model.last, model.floor - 1);

    assertThat(wal.truncateBefore(wanted)).isEqualTo(model.floor);

    assertEndsAgree(wal);
  }

  private void truncateAfter() throws IOException {
    truncations++;
    long wanted = Math.max(0, model.last + 2 - random.nextInt(60));
    if (wanted < model.last && wanted < model.first() - 1) {
      assertThatThrownBy(() -> wal.truncateAfter(wanted))
          .isInstanceOf(IllegalArgumentException.class);
      return;
    }
    boolean acts = wanted < model.last;
    model.entries.tailMap(wanted, false).clear();
    model.last = Math.min(model.last, wanted);

    wal.truncateAfter(wanted);

    assertEndsAgree(wal);
    if (acts) {
      assertThat(wal.durableIndex()).isEqualTo(model.last);
    }
  }

  private void reset() throws IOException {
    truncations++;
    boolean back = random.nextInt(3) == 0;
    long next = back ? random.nextInt(10) : Math.max(0, model.last + random.nextInt(50));
    model.entries.clear();
    model.floor = next;
    model.last = next - 1;

    wal.reset(next);

    assertEndsAgree(wal);
  }

  /** Takes one, or closes one. */
  private void hold() {
    if (holds.size() < 3 && random.nextInt(3) > 0) {
      long from = Math.max(0, model.last - random.nextInt(200));
      WalHold hold = wal.hold(from);
      assertThat(hold.fromIndex()).isEqualTo(Math.max(from, model.floor));
      holds.add(hold);
    } else if (!holds.isEmpty()) {
      holds.remove(random.nextInt(holds.size())).close();
    }
    assertThat(wal.stats().holds())
        .isEqualTo(holds.stream().map(WalHold::fromIndex).sorted().toList());
  }

  // ---- reading

  private void get(long index) throws IOException {
    WalEntry expected = model.entries.get(index);
    assertThat(wal.get(index).orElse(null)).isEqualTo(expected);
    assertThat(wal.contains(index)).isEqualTo(expected != null);
  }

  private void openCursor() {
    long from = someIndex();
    Iterator<WalEntry> rest = List.copyOf(model.entries.tailMap(from).values()).iterator();
    cursors.add(new OldCursor(wal.cursor(from), rest));
  }

  /** It shows what was there when it was made; or is told that it is gone. */
  private void readOldCursor() throws IOException {
    if (cursors.isEmpty()) {
      return;
    }
    OldCursor old = cursors.remove(random.nextInt(cursors.size()));
    try {
      for (WalEntry entry = old.cursor().next(); entry != null; entry = old.cursor().next()) {
        WalEntry expected = old.rest().next();
        if (!entry.isTombstone()) {
          assertThat(entry).isEqualTo(expected);
        }
        assertThat(entry.index()).isEqualTo(expected.index());
      }
      assertThat(old.rest()).isExhausted();
    } catch (CompactedException e) {
      assertThat(old.rest().hasNext()).as("something was left to show").isTrue();
    }
  }

  private void assertAgrees() throws IOException {
    assertAgrees(wal);
  }

  private void assertAgrees(WalReader reader) throws IOException {
    assertEndsAgree(reader);
    Iterator<WalEntry> expected = model.entries.values().iterator();
    for (WalEntry entry : reader) {
      assertThat(entry).isEqualTo(expected.next());
    }
    assertThat(expected).isExhausted();
    for (WalEntry entry : model.entries.values()) {
      assertThat(reader.get(entry.index())).contains(entry);
    }
  }

  private void assertEndsAgree(WalReader reader) {
    assertThat(reader.lastIndex()).isEqualTo(model.last);
    assertThat(reader.firstIndex()).isEqualTo(model.first());
    assertThat(reader.size()).isEqualTo(model.entries.size());
    assertThat(reader.isEmpty()).isEqualTo(model.entries.isEmpty());
  }
}
