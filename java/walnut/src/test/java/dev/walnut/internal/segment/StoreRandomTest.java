package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.NativeUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random lives of a store against a map. A life ends with a clean close or as a killed process
 * would leave it, and the next is opened by the other body of the machine where there are two.
 */
class StoreRandomTest {
  @TempDir Path base;

  private final TreeMap<Long, String> model = new TreeMap<>();
  private final TreeMap<Long, byte[]> values = new TreeMap<>();
  private long last;

  /** Both bodies; the Java one alone where native is not built and not required. */
  private static List<Disk> disks() throws IOException {
    List<Disk> disks = new ArrayList<>();
    disks.add(Disks.java());
    try {
      disks.add(Disks.nativeOrThrow());
    } catch (NativeUnavailableException e) {
      if (Boolean.getBoolean("native.required")) {
        throw e;
      }
    }
    return disks;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void store_randomLives_agreesWithMap(long seed) throws Exception {
    Random random = new Random(seed);
    boolean sequential = seed % 3 == 0;
    List<Disk> disks = disks();
    Path dir = base.resolve("0");

    for (int life = 0; life < 8; life++) {
      Disk disk = disks.get(life % disks.size());
      StoreOptions options =
          new StoreOptions(
              dir,
              "segment_",
              seed % 2 == 0 ? 20 : 0,
              16 * 1024,
              0,
              sequential,
              random.nextBoolean(),
              64 * 1024,
              3,
              random.nextInt(4) == 0);
      SegmentStore store =
          SegmentStore.open(StoreFixture.environment(disk, random.nextLong()), options);
      assertHolds(store, "seed " + seed + " life " + life);
      work(store, random, sequential);
      assertHolds(store, "seed " + seed + " after life " + life);
      dir = end(store, random, dir, life);
    }
  }

  private Path end(SegmentStore store, Random random, Path dir, int life) throws Exception {
    if (random.nextBoolean()) {
      StoreFixture.runChores(store);
      store.finish();
      store.close();
      return dir;
    }
    Path next = base.resolve(String.valueOf(life + 1));
    StoreFixture.copy(dir, next);
    store.close();
    return next;
  }

  private void assertHolds(SegmentStore store, String when) throws Exception {
    assertThat(StoreFixture.read(store)).as(when).isEqualTo(model);
    assertThat(store.size()).as(when).isEqualTo(model.size());
    assertThat(store.lastIndex()).as(when).isEqualTo(last);
    assertThat(store.firstIndex())
        .as(when)
        .isEqualTo(model.isEmpty() ? last + 1 : model.firstKey());
    for (long index : model.keySet()) {
      StoredEntry entry = store.get(index);
      assertThat(entry).as(when).isNotNull();
      assertThat(StoreFixture.line(entry)).as(when).isEqualTo(model.get(index));
    }
  }

  private void work(SegmentStore store, Random random, boolean sequential) throws Exception {
    for (int batch = random.nextInt(60); batch > 0; batch--) {
      if (!store.fits(10, 4000)) {
        store.rotate();
      }
      for (int i = random.nextInt(10); i >= 0; i--) {
        addOne(store, random, sequential);
      }
      store.commit(random.nextInt(3) == 0);
      if (random.nextInt(5) == 0) {
        store.sync();
      }
      if (store.markDue() && random.nextBoolean()) {
        store.mark();
      }
      if (random.nextInt(3) == 0) {
        StoreFixture.runChores(store);
      }
    }
  }

  private void addOne(SegmentStore store, Random random, boolean sequential) {
    if (random.nextInt(12) == 0 && !values.isEmpty()) {
      tombstone(store, random);
      return;
    }
    long index = last + 1;
    if (!sequential && random.nextInt(4) == 0) {
      index = random.nextInt((int) last + 20);
    }
    byte[] value = new byte[random.nextInt(20) == 0 ? 3000 : random.nextInt(200)];
    random.nextBytes(value);
    String key = random.nextBoolean() ? "" : "k" + index + "\u00fc\ud83c\udf30";
    if (values.containsKey(index)) {
      long taken = index;
      assertThatThrownBy(() -> StoreFixture.add(store, taken, key, value))
          .isInstanceOf(DuplicateIndexException.class);
      return;
    }
    StoreFixture.add(store, index, key, value);
    values.put(index, value);
    model.put(index, StoreFixture.line(index, key, value, false));
    last = Math.max(last, index);
  }

  private void tombstone(SegmentStore store, Random random) {
    List<Long> indexes = new ArrayList<>(values.keySet());
    long index = indexes.get(random.nextInt(indexes.size()));
    String line = model.get(index);
    boolean first = line.endsWith("|false");

    assertThat(store.addTombstone(index)).isEqualTo(first);

    if (first) {
      String key = line.split("\\|", 3)[1];
      model.put(index, StoreFixture.line(index, key, new byte[0], true));
    }
  }
}
