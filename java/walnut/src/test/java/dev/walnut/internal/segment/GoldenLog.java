package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The logs that are committed as golden files, and how each is made: always the same bytes.
 * Together they hold every structure of format 1. What no store writes yet is laid out by hand; the
 * store that opens it then writes what follows from it, footers included.
 */
enum GoldenLog {
  /** Batches, write batches, marks, tombstones of own and earlier entries, both offset tables. */
  WRITTEN(
      List.of(
          "0|zero|0|false",
          "1||first|false",
          "2|key 2||true",
          "3|鍵|third|false",
          "4|key 4||false",
          "10|ten|tenth|false",
          "20|twenty||true",
          "30|thirty|thirtieth|false",
          "31|last|31st|false"),
      0,
      31,
      0,
      "type=tombstone",
      "tombstoned",
      "table=scattered",
      "table=consecutive") {
    @Override
    void write(Disk disk, Path dir) throws IOException {
      try (SegmentStore store = open(disk, dir)) {
        add(store, 0, "zero", "0");
        add(store, 1, "", "first");
        store.commit(true);
        add(store, 2, "key 2", "second");
        addJoined(store, 3, "鍵", "third");
        addJoined(store, 4, "key 4", "");
        store.commit(false);
        store.sync();
        store.mark();
        rotate(store);
        add(store, 10, "ten", "tenth");
        add(store, 30, "thirty", "thirtieth");
        store.commit(true);
        add(store, 20, "twenty", "twentieth");
        store.addTombstone(2);
        store.commit(true);
        store.addTombstone(20);
        store.commit(true);
        rotate(store);
        add(store, 31, "last", "31st");
        store.commit(true);
        finish(store);
      }
    }
  },

  /** The loss of a segment was accepted: a commit header with a gap. */
  GAP(List.of("1|one|1|false", "3|three|3|false", "4|four|4|false"), 1, 4, 0, "commit=True") {
    @Override
    void write(Disk disk, Path dir) throws IOException {
      try (SegmentStore store = open(disk, dir)) {
        add(store, 1, "one", "1");
        store.commit(true);
        rotate(store);
        add(store, 2, "two", "2");
        store.commit(true);
        rotate(store);
        add(store, 3, "three", "3");
        store.commit(true);
        finish(store);
      }
      try (RandomAccessFile file = new RandomAccessFile(dir.resolve("segment_1").toFile(), "rw")) {
        file.seek(Format.HEADER_BYTES + Format.BATCH_HEADER_BYTES);
        file.write(0xff);
      }
      UnsafeRecovery.run(StoreFixture.environment(disk, SEED + 1), dir, "segment_");
      try (SegmentStore store = open(disk, dir)) {
        add(store, 4, "four", "4");
        store.commit(true);
        finish(store);
      }
    }
  },

  /** Truncations at both ends, and an index that is written again; low-water. */
  TRUNCATED(
      List.of("4|d|4|false", "5|e|5|false", "6|again|6|false", "7|g|7|false"),
      4,
      7,
      1,
      "type=truncate-before bytes=12 joined=False index=4 oldest_segment=1",
      "type=truncate-after bytes=11 joined=False index=5") {
    @Override
    void write(Disk disk, Path dir) throws IOException {
      try (SegmentStore store = open(disk, dir)) {
        add(store, 1, "a", "1");
        add(store, 2, "b", "2");
        store.commit(true);
        rotate(store);
        add(store, 3, "c", "3");
        add(store, 4, "d", "4");
        store.commit(true);
        finish(store);
      }
      SegmentLayout third = behind(dir, 1, new IndexBounds(0, 4));
      third.entry(5, "e", bytes("5"), false).entry(6, "f", bytes("6"), false);
      long durable = third.lastSequence();
      third.end(durable);
      third.truncateBefore(3, 0).truncateBefore(4, 1).truncateAfter(5).end(durable);
      third.mark(7).endMark(third.lastSequence());
      third.entry(6, "again", bytes("6"), false).end(third.lastSequence());
      third.writeIn(dir);
      try (SegmentStore store = open(disk, dir)) {
        rotate(store);
        add(store, 7, "g", "7");
        store.commit(true);
        finish(store);
      }
    }
  },

  /**
   * All entries taken away, and indexes that go on elsewhere; at last a segment without entries.
   */
  RESET(
      List.of("1000000|new||true", "1000001|new|2|false"), 1_000_000, 1_000_001, 0, "type=reset") {
    @Override
    void write(Disk disk, Path dir) throws IOException {
      try (SegmentStore store = open(disk, dir)) {
        add(store, 1, "old", "1");
        store.commit(true);
        finish(store);
      }
      SegmentLayout second = behind(dir, 0, new IndexBounds(0, 1));
      long durable = second.lastSequence();
      second.reset(1_000_000).entry(1_000_000, "new", bytes("1"), true).end(durable);
      second.writeIn(dir);
      try (SegmentStore store = open(disk, dir)) {
        add(store, 1_000_001, "new", "2");
        store.commit(true);
        rotate(store);
        store.addTombstone(1_000_000);
        store.commit(true);
        finish(store);
      }
    }
  };

  private static final long SEED = 2026;

  /** Every entry, as {@link StoreFixture#line(StoredEntry)} shows it. */
  final List<String> entries;

  final long firstIndex;
  final long lastIndex;
  final int lowWater;

  /** What the script under {@code docs/examples} prints of it, among the rest. */
  final String[] printed;

  GoldenLog(
      List<String> entries, long firstIndex, long lastIndex, int lowWater, String... printed) {
    this.entries = entries;
    this.firstIndex = firstIndex;
    this.lastIndex = lastIndex;
    this.lowWater = lowWater;
    this.printed = printed;
  }

  /** Makes the log in an empty directory. */
  abstract void write(Disk disk, Path dir) throws IOException;

  /** Where it is committed. */
  Path committed() {
    return Path.of(System.getProperty("basedir", "."), "src", "test", "resources", "format-1")
        .resolve(name().toLowerCase(Locale.ROOT));
  }

  static SegmentStore open(Disk disk, Path dir) throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 16 * 1024, 0, false, false, 64 * 1024, 8, true);
    return SegmentStore.open(StoreFixture.environment(disk, SEED), options);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void add(SegmentStore store, long index, String key, String value) {
    StoreFixture.add(store, index, key, bytes(value));
  }

  private static void addJoined(SegmentStore store, long index, String key, String value) {
    byte[] bytes = bytes(value);
    store.addEntry(index, key, (int) Utf8.length(key), bytes, 0, bytes.length, true);
  }

  private static void rotate(SegmentStore store) throws IOException {
    store.rotate();
    StoreFixture.runChores(store);
  }

  private static void finish(SegmentStore store) throws IOException {
    StoreFixture.runChores(store);
    store.finish();
  }

  /** What a rotation makes behind a closed segment, from what its header and footer say. */
  private static SegmentLayout behind(Path dir, int number, IndexBounds bounds) throws IOException {
    Path file = dir.resolve("segment_" + number);
    byte[] content = Files.readAllBytes(file);
    SaltedCrc crc = new SaltedCrc();
    ByteBuffer all = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    SegmentHeader header = SegmentHeader.decode(all, crc, file);
    ByteBuffer last =
        all.slice(content.length - Format.SUMMARY_BYTES, Format.SUMMARY_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    FooterSummary footer =
        FooterSummary.decode(last, number, header.epoch(), content.length, crc, file);
    return new SegmentLayout(
        new SegmentHeader(
            header.logId(),
            number + 1,
            header.successorEpoch(),
            SEED,
            false,
            header.createdMillis(),
            footer.lastSequence() + 1,
            new Predecessor(
                number,
                header.epoch(),
                footer.validBytes(),
                footer.lastSequence(),
                footer.lastBatchCrc()),
            0,
            footer.lastSequence(),
            bounds,
            List.of()));
  }
}
