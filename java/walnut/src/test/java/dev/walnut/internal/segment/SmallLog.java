package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;

/** Writes a small log step by step, one entry a batch, and remembers what it wrote. */
final class SmallLog {
  final TreeMap<Long, String> entries = new TreeMap<>();
  private final SegmentStore store;

  private SmallLog(SegmentStore store) throws IOException {
    this.store = store;
    entries.putAll(StoreFixture.read(store));
  }

  /** Opens or creates a log that prepares space and files ahead. */
  static SmallLog ahead(Disk disk, Path dir) throws IOException {
    return new SmallLog(open(disk, dir, /* ahead= */ true, /* full= */ false));
  }

  /** Opens or creates a log in which nothing is synced but what is asked for. */
  static SmallLog plain(Disk disk, Path dir) throws IOException {
    return new SmallLog(open(disk, dir, /* ahead= */ false, /* full= */ false));
  }

  /** Opens a log as these tests do, to look at it. */
  static SegmentStore open(Disk disk, Path dir) throws IOException {
    return open(disk, dir, /* ahead= */ false, /* full= */ false);
  }

  /** Opens a log, reading and checking everything. */
  static SegmentStore openFully(Disk disk, Path dir) throws IOException {
    return open(disk, dir, /* ahead= */ false, /* full= */ true);
  }

  private static SegmentStore open(Disk disk, Path dir, boolean ahead, boolean full)
      throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 16 * 1024, 0, false, ahead, 16 * 1024, 8, full);
    return SegmentStore.open(StoreFixture.environment(disk, dir.hashCode()), options);
  }

  SmallLog durable(int count) throws IOException {
    return write(count, 3, true);
  }

  SmallLog unsynced(int count) throws IOException {
    return write(count, 3, false);
  }

  SmallLog write(int count, int repeats, boolean toBeDurable) throws IOException {
    for (int i = 0; i < count; i++) {
      long index = store.pendingLastIndex() + 1;
      byte[] value = ("value " + index + " ").repeat(repeats).getBytes(StandardCharsets.UTF_8);
      StoreFixture.add(store, index, "key" + index, value);
      store.commit(toBeDurable);
      entries.put(index, StoreFixture.line(index, "key" + index, value, false));
    }
    return this;
  }

  SmallLog mark() throws IOException {
    store.mark();
    return this;
  }

  SmallLog rotate() throws IOException {
    store.rotate();
    return this;
  }

  /** Footers, retention, the next file. */
  SmallLog chores() throws IOException {
    StoreFixture.runChores(store);
    return this;
  }

  /** Ends as a killed process does; returns what was written. */
  TreeMap<Long, String> kill() throws IOException {
    store.close();
    return entries;
  }

  /** Ends well; returns what was written. */
  TreeMap<Long, String> close() throws IOException {
    StoreFixture.runChores(store);
    store.finish();
    store.close();
    return entries;
  }
}
