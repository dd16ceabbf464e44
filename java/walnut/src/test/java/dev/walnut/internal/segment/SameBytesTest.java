package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same batches, with the same ids, leave the same files on both bodies of the machine. */
class SameBytesTest {
  private static final int OPERATIONS = 12_000;

  @TempDir Path base;

  private static SegmentStore open(Disk disk, Path dir, boolean ahead) throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 500, 128 * 1024, 0, false, ahead, 65536, 8, false);
    return SegmentStore.open(StoreFixture.environment(disk, 42), options);
  }

  /**
   * Entries small and large, write batches, tombstones, rotation; every choice drawn from the seed.
   */
  private static TreeMap<Long, String> write(Disk disk, Path dir, boolean ahead)
      throws IOException {
    Random random = new Random(7);
    SegmentStore store = open(disk, dir, ahead);
    for (int operation = 0; operation < OPERATIONS; ) {
      if (!store.fits(20, 70_000)) {
        store.rotate();
        StoreFixture.runChores(store);
      }
      boolean writeBatch = random.nextInt(4) == 0;
      boolean first = true;
      for (int i = random.nextInt(20); i >= 0; i--, operation++) {
        if (!writeBatch && random.nextInt(10) == 0) {
          store.addTombstone(random.nextInt((int) store.pendingLastIndex() + 1));
        } else {
          add(store, random, /* joined= */ writeBatch && !first);
          first = false;
        }
      }
      store.commit(ahead ? random.nextInt(8) == 0 : random.nextInt(200) == 0);
    }
    TreeMap<Long, String> entries = StoreFixture.read(store);
    StoreFixture.runChores(store);
    store.finish();
    store.close();
    return entries;
  }

  private static void add(SegmentStore store, Random random, boolean joined) {
    long index = store.pendingLastIndex() + 1 + (random.nextInt(50) == 0 ? 3 : 0);
    byte[] value = new byte[random.nextInt(500) == 0 ? 40_000 : random.nextInt(60)];
    random.nextBytes(value);
    String key = "key " + random.nextInt(1000);
    store.addEntry(index, key, (int) Utf8.length(key), value, 0, value.length, joined);
  }

  private static Map<String, byte[]> segments(Path dir) throws IOException {
    Map<String, byte[]> segments = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(f -> !f.endsWith("segment_lock")).toList()) {
        segments.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return segments;
  }

  @Test
  void closedFiles_ofBothBodies_areIdentical_andEachOpensTheOthers() throws IOException {
    for (boolean ahead : new boolean[] {false, true}) {
      Path javaDir = base.resolve("java" + ahead);
      Path nativeDir = base.resolve("native" + ahead);

      TreeMap<Long, String> entries = write(Disks.java(), javaDir, ahead);
      write(NativeBody.required(), nativeDir, ahead);

      Map<String, byte[]> javaFiles = segments(javaDir);
      Map<String, byte[]> nativeFiles = segments(nativeDir);
      assertThat(joinedRecords(javaDir)).isGreaterThan(1000);
      assertThat(javaFiles.keySet()).isEqualTo(nativeFiles.keySet()).hasSizeGreaterThan(5);
      javaFiles.forEach(
          (name, bytes) -> assertThat(nativeFiles.get(name)).as(name).isEqualTo(bytes));
      SegmentStore byNative = open(NativeBody.required(), javaDir, ahead);
      SegmentStore byJava = open(Disks.java(), nativeDir, ahead);
      assertThat(StoreFixture.read(byNative)).isEqualTo(entries);
      assertThat(StoreFixture.read(byJava)).isEqualTo(entries);
      byNative.close();
      byJava.close();
    }
  }

  /** Records of write batches, the first of each left out. */
  private static int joinedRecords(Path dir) throws IOException {
    int joined = 0;
    for (byte[] segment : segments(dir).values()) {
      ByteBuffer bytes = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
      for (LogFiles.Batch batch : LogFiles.batches(segment)) {
        int place = batch.start() + Format.BATCH_HEADER_BYTES;
        for (int left = bytes.getInt(batch.start() + 12); left > 0; left--) {
          joined += (bytes.get(place + Format.RECORD_TYPE_AT) & Format.TYPE_JOINED) != 0 ? 1 : 0;
          place += Format.RECORD_HEADER_BYTES + bytes.getInt(place + 4);
        }
      }
    }
    return joined;
  }
}
