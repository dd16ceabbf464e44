package dev.walnut;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Writes entries to a log that another process reads, closing and reopening it on the way. */
final class TailProcessChild {
  private static final int LIFE_ENTRIES = 700;

  private TailProcessChild() {}

  /** Takes a back end, a directory, how many segments to keep, and the last index to write. */
  public static void main(String[] arguments) throws IOException {
    Backend backend = Backend.valueOf(arguments[0]);
    Path dir = Path.of(arguments[1]);
    int maxSegments = Integer.parseInt(arguments[2]);
    long last = Long.parseLong(arguments[3]);
    long next = 1;
    for (int life = 0; next <= last; life++) {
      SyncMode mode = life % 2 == 0 ? SyncMode.BATCH : SyncMode.NONE;
      try (Wal wal = Wal.open(config(dir, backend, maxSegments).syncMode(mode).build())) {
        next = wal.lastIndex() + 1;
        for (int i = 0; i < LIFE_ENTRIES && next <= last; i++) {
          wal.append("key " + next, value(next));
          next++;
        }
        System.out.println(next - 1);
      }
    }
  }

  static WalConfig.Builder config(Path dir, Backend backend, int maxSegments) {
    return WalConfig.forDatabase(dir)
        .backend(backend)
        .segmentThreshold(60)
        .maxSegments(maxSegments);
  }

  static byte[] value(long index) {
    String text = "value " + index + " " + "x".repeat((int) (index * 37 % 500));
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static WalEntry entry(long index) {
    return WalEntry.of(index, "key " + index, value(index));
  }
}
