package dev.walnut;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/** Writes to a log, says what was acknowledged, and ends without closing it. */
final class ProcessEndChild {
  static final int BATCH_ENTRIES = 3;
  static final int LEFT_ENTRIES = 66;
  private static final int CYCLE_ENTRIES = 3 + BATCH_ENTRIES;
  private static final int IN_FLIGHT = 16;

  private ProcessEndChild() {}

  /** Takes how to end, the back end's name and a directory. */
  public static void main(String[] arguments) throws IOException {
    Backend backend = Backend.valueOf(arguments[1]);
    Path dir = Path.of(arguments[2]);
    switch (arguments[0]) {
      case "exit" -> {
        leave(backend, dir);
        System.exit(0);
      }
      case "halt" -> {
        leave(backend, dir);
        Runtime.getRuntime().halt(0);
      }
      case "killed" -> writeUntilKilled(backend, dir);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  static WalConfig config(Path dir, Backend backend, SyncMode mode) {
    return WalConfig.forDatabase(dir).backend(backend).syncMode(mode).segmentThreshold(100).build();
  }

  static byte[] value(long index) {
    String text = "value " + index + " " + "x".repeat((int) (index * 31 % 400));
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether an index is the first of a write batch. */
  static boolean startsBatch(long index) {
    return index % CYCLE_ENTRIES == CYCLE_ENTRIES - BATCH_ENTRIES + 1;
  }

  /** Whether a log that ends with this index holds its last write batch whole. */
  static boolean endsWhole(long last) {
    long place = last % CYCLE_ENTRIES;
    return place <= CYCLE_ENTRIES - BATCH_ENTRIES;
  }

  /** Leaves a log of each mode open, with more writes under way than were acknowledged. */
  private static void leave(Backend backend, Path base) throws IOException {
    for (SyncMode mode : new SyncMode[] {SyncMode.NONE, SyncMode.BATCH}) {
      Wal wal = Wal.open(config(base.resolve(mode.name()), backend, mode));
      CompletableFuture<Long> last = CompletableFuture.completedFuture(0L);
      while (wal.lastIndex() < LEFT_ENTRIES) {
        last = write(wal, wal.lastIndex() + 1);
        last.join();
      }
      write(wal, wal.lastIndex() + 1);
      System.out.println(mode + " " + last.join());
    }
  }

  private static void writeUntilKilled(Backend backend, Path dir) throws IOException {
    Wal wal = Wal.open(config(dir, backend, SyncMode.BATCH));
    Queue<CompletableFuture<Long>> inFlight = new ArrayDeque<>();
    long next = wal.lastIndex() + 1;
    while (true) {
      inFlight.add(write(wal, next));
      next += startsBatch(next) ? BATCH_ENTRIES : 1;
      if (inFlight.size() == IN_FLIGHT) {
        System.out.println(inFlight.remove().join());
      }
    }
  }

  /** Writes one entry, or a write batch where one is due. */
  private static CompletableFuture<Long> write(Wal wal, long index) {
    if (!startsBatch(index)) {
      return wal.appendAsync(value(index));
    }
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < BATCH_ENTRIES; i++) {
      batch.add("", value(index + i));
    }
    return wal.appendAsync(batch);
  }
}
