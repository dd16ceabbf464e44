package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Opens stores with seeded ids, and compares them with what they should hold. */
final class StoreFixture {
  private StoreFixture() {}

  static StoreEnvironment environment(Disk disk, long seed) {
    Random random = new Random(seed);
    return new StoreEnvironment(disk, "a test", random::nextLong, () -> 1_700_000_000_000L);
  }

  static StoreOptions options(Path dir) {
    return new StoreOptions(dir, "segment_", 0, 16 * 1024, 0, false, true, 64 * 1024, 8, false);
  }

  static void add(SegmentStore store, long index, String key, byte[] value) {
    store.addEntry(index, key, (int) Utf8.length(key), value, 0, value.length, false);
  }

  static void runChores(SegmentStore store) throws IOException {
    for (EntryStore.Chore chore = store.takeChore(); chore != null; chore = store.takeChore()) {
      chore.run();
    }
  }

  /** An index, key, value and tombstone flag in one line, to compare by. */
  static String line(StoredEntry entry) {
    return entry.index()
        + "|"
        + entry.key()
        + "|"
        + new String(entry.value(), StandardCharsets.ISO_8859_1)
        + "|"
        + entry.tombstone();
  }

  static String line(long index, String key, byte[] value, boolean tombstone) {
    return line(new StoredEntry(index, key, tombstone ? new byte[0] : value, tombstone));
  }

  /** Everything a cursor shows, by index. */
  static TreeMap<Long, String> read(EntrySource store) throws IOException {
    TreeMap<Long, String> entries = new TreeMap<>();
    EntryCursor cursor = store.cursor(0);
    for (StoredEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
      if (!entries.isEmpty() && entries.lastKey() >= entry.index()) {
        throw new AssertionError("cursor went back from " + entries.lastKey());
      }
      entries.put(entry.index(), line(entry));
    }
    return entries;
  }

  /** What a killed process leaves behind: every byte that was written. */
  static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
  }
}
