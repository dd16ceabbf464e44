package dev.walnut.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A file, whatever its names: what the cache shows, what is durable, and what lies between. */
final class StoredFile implements Node {
  /*
   * Sectors. A sector that was written since the last sync is dirty. When the power is cut it holds
   * what was durable or any of its images since, for the system writes back when it likes; the
   * newest image lies in the cache, older ones are kept up to a few.
   *
   * Size. It has a history of its own: every size since the last sync may be the one that survives.
   * Bytes behind the size are zeros, in the cache and on the medium; what was there before goes to
   * the ghosts, which may show when the file grows again.
   *
   * Torn sectors. Only bytes that differ between what was durable and what was written can be torn:
   * a write of the same bytes leaves them the same.
   */
  static final int SECTOR_BYTES = 512;

  private static final int OLDER_MAX = 3;
  private static final int GHOSTS_MAX = 4;

  private byte[] cache = new byte[0];
  private int size;
  private byte[] durable = new byte[0];
  private int durableSize;
  private final BitSet dirty = new BitSet();
  private final Map<Integer, List<byte[]>> older = new HashMap<>();
  private final Map<Integer, List<byte[]>> ghosts = new HashMap<>();

  /** The durable size, and every other since. */
  private final List<Integer> sizes = new ArrayList<>(List.of(0));

  /** How many names it has. */
  int links;

  int size() {
    return size;
  }

  /** Whether a power cut may change it. */
  boolean isUnsynced() {
    return !dirty.isEmpty() || sizes.size() > 1;
  }

  int unsyncedSectors() {
    return dirty.cardinality();
  }

  byte[] bytes() {
    return Arrays.copyOf(cache, size);
  }

  // ---- by the running system

  int read(long offset, byte[] target, int length) {
    int bytes = (int) Math.max(0, Math.min(length, size - offset));
    if (bytes > 0) {
      System.arraycopy(cache, (int) offset, target, 0, bytes);
    }
    return bytes;
  }

  void write(int offset, byte[] source, int length) {
    if (length == 0) {
      return;
    }
    int end = offset + length;
    touch(offset, end);
    System.arraycopy(source, 0, cache, offset, length);
    if (end > size) {
      resize(end);
    }
  }

  /** Notes that sectors will change. */
  private void touch(int from, int to) {
    grow(to);
    for (int sector = from / SECTOR_BYTES; sector * SECTOR_BYTES < to; sector++) {
      if (dirty.get(sector)) {
        keep(older, sector, image(cache, sector), OLDER_MAX);
      }
      dirty.set(sector);
    }
  }

  private void resize(int bytes) {
    size = bytes;
    if (sizes.get(sizes.size() - 1) != bytes) {
      sizes.add(bytes);
    }
  }

  private void grow(int bytes) {
    int rounded = (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    if (rounded > cache.length) {
      int capacity = Math.max(rounded, Math.min(2 * cache.length, cache.length + (1 << 16)));
      cache = Arrays.copyOf(cache, capacity);
      durable = Arrays.copyOf(durable, capacity);
    }
  }

  void truncate(int bytes) {
    grow(bytes);
    if (bytes < size) {
      for (int sector = bytes / SECTOR_BYTES; sector * SECTOR_BYTES < size; sector++) {
        haunt(sector, image(cache, sector));
        for (byte[] image : older.getOrDefault(sector, List.of())) {
          haunt(sector, image);
        }
      }
      touch(bytes, roundedUp(bytes));
      for (int s = roundedUp(bytes) / SECTOR_BYTES; s * SECTOR_BYTES < size; s++) {
        dirty.clear(s);
        older.remove(s);
      }
      Arrays.fill(cache, bytes, size, (byte) 0);
    }
    resize(bytes);
  }

  private static int roundedUp(int bytes) {
    return (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
  }

  /** Space for a range; it reads as zeros, and the size includes it. */
  void reserve(int end) {
    if (end > size) {
      grow(end);
      resize(end);
    }
  }

  // ---- becoming durable

  void sync() {
    settleSize(size);
    for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
      System.arraycopy(cache, s * SECTOR_BYTES, durable, s * SECTOR_BYTES, SECTOR_BYTES);
    }
    dirty.clear();
    older.clear();
  }

  /** Makes a range durable, and nothing beside it. */
  void syncRange(int from, int to) {
    if (to == from) {
      return;
    }
    System.arraycopy(cache, from, durable, from, to - from);
    durableSize = Math.max(durableSize, to);
    sizes.clear();
    sizes.add(durableSize);
    if (size != durableSize) {
      sizes.add(size);
    }
    for (int s = from / SECTOR_BYTES; s * SECTOR_BYTES < to; s++) {
      older.remove(s);
      int at = s * SECTOR_BYTES;
      if (Arrays.equals(cache, at, at + SECTOR_BYTES, durable, at, at + SECTOR_BYTES)) {
        dirty.clear(s);
      }
    }
  }

  /**
   * A sync that fails: some sectors arrive, the others are clean in the cache and nowhere else, so
   * that the next sync succeeds over them.
   */
  void failSync(RandomGenerator random) {
    double kept = random.nextInt(2) == 0 ? 0 : random.nextInt(2) == 0 ? 0.5 : 0.9;
    int reached = 0;
    for (int s = dirty.nextSetBit(0); s >= 0; s = dirty.nextSetBit(s + 1)) {
      if (random.nextDouble() < kept) {
        int at = s * SECTOR_BYTES;
        System.arraycopy(cache, at, durable, at, SECTOR_BYTES);
        reached = Math.min(size, at + SECTOR_BYTES);
      }
    }
    dirty.clear();
    older.clear();
    if (reached > durableSize || random.nextBoolean()) {
      settleSize(size);
    } else {
      sizes.clear();
      sizes.add(durableSize);
      if (size != durableSize) {
        sizes.add(size);
      }
    }
  }

  private void settleSize(int bytes) {
    for (int s = bytes / SECTOR_BYTES; s * SECTOR_BYTES < durableSize; s++) {
      haunt(s, image(durable, s));
    }
    if (bytes < durableSize) {
      Arrays.fill(durable, bytes, durableSize, (byte) 0);
    }
    durableSize = bytes;
    sizes.clear();
    sizes.add(bytes);
  }

  // ---- endings

  /** The cache may drop clean sectors, and then shows what is on the medium. */
  void dropClean() {
    for (int s = 0; s * SECTOR_BYTES < size; s++) {
      if (!dirty.get(s)) {
        System.arraycopy(durable, s * SECTOR_BYTES, cache, s * SECTOR_BYTES, SECTOR_BYTES);
      }
    }
  }

  /** The power is cut: what was not synced is there or not, by the choices of the cut. */
  void cutPower(PowerCut cut, Blocks blocks) {
    if (!isUnsynced()) {
      System.arraycopy(durable, 0, cache, 0, cache.length);
      return;
    }
    cut.beginFile();
    int left = sizes.get(cut.pick(sizes.size()));
    byte[] result = new byte[cache.length];
    for (int s = 0; s * SECTOR_BYTES < left; s++) {
      byte[] image = survivor(s, cut, blocks);
      System.arraycopy(image, 0, result, s * SECTOR_BYTES, SECTOR_BYTES);
    }
    hauntBehind(left, cut);
    Arrays.fill(result, left, result.length, (byte) 0);
    cache = result;
    durable = result.clone();
    size = left;
    durableSize = left;
    dirty.clear();
    older.clear();
    sizes.clear();
    sizes.add(left);
  }

  private byte[] survivor(int sector, PowerCut cut, Blocks blocks) {
    byte[] old = image(durable, sector);
    if (dirty.get(sector) && cut.survives()) {
      List<byte[]> before = older.get(sector);
      byte[] written =
          before != null && cut.isOlder()
              ? before.get(cut.pick(before.size()))
              : image(cache, sector);
      return cut.tears() ? torn(old, written, cut.random()) : written;
    }
    boolean grown = sector * SECTOR_BYTES >= durableSize;
    return grown && cut.showsGhost() ? ghost(sector, old, cut.random(), blocks) : old;
  }

  /** Some bytes of those that were to change have, the others not or are garbage. */
  private static byte[] torn(byte[] old, byte[] written, RandomGenerator random) {
    byte[] result = written.clone();
    int kind = random.nextInt(3);
    int at = random.nextInt(SECTOR_BYTES);
    for (int i = 0; i < SECTOR_BYTES; i++) {
      if (old[i] == written[i]) {
        continue;
      }
      if (kind == 0 && i >= at) {
        result[i] = old[i];
      } else if (kind == 1 && i < at) {
        result[i] = old[i];
      } else if (kind == 2 && random.nextInt(4) == 0) {
        result[i] = (byte) random.nextInt();
      }
    }
    return result;
  }

  private byte[] ghost(int sector, byte[] old, RandomGenerator random, Blocks blocks) {
    List<byte[]> own = ghosts.get(sector);
    if (own != null && random.nextInt(10) < 8) {
      return own.get(random.nextInt(own.size()));
    }
    byte[] foreign = blocks.any(sector, random);
    return foreign == null ? old : foreign;
  }

  /** What arrived behind the size that survived may show when the file grows again. */
  private void hauntBehind(int left, PowerCut cut) {
    for (int s = left / SECTOR_BYTES; s * SECTOR_BYTES < cache.length; s++) {
      if (dirty.get(s) && !cut.keepsAll()) {
        haunt(s, image(cache, s));
      }
      if (s * SECTOR_BYTES < durableSize) {
        haunt(s, image(durable, s));
      }
    }
  }

  private void haunt(int sector, byte[] image) {
    if (!isZero(image)) {
      keep(ghosts, sector, image, GHOSTS_MAX);
    }
  }

  private static boolean isZero(byte[] image) {
    for (byte b : image) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static void keep(Map<Integer, List<byte[]>> images, int sector, byte[] image, int most) {
    List<byte[]> kept = images.computeIfAbsent(sector, s -> new ArrayList<>());
    if (kept.size() == most) {
      kept.remove(0);
    }
    kept.add(image);
  }

  private byte[] image(byte[] content, int sector) {
    int at = sector * SECTOR_BYTES;
    return Arrays.copyOfRange(content, at, at + SECTOR_BYTES);
  }

  // ---- damage, and copies

  /** Changes a byte for good, in the cache and on the medium. */
  void rot(int offset, int mask) {
    cache[offset] ^= (byte) mask;
    if (offset < durableSize) {
      durable[offset] ^= (byte) mask;
    }
  }

  /** Hands its blocks to whoever grows a file next. */
  void leaveBlocks(Blocks blocks) {
    for (int s = 0; s * SECTOR_BYTES < size; s++) {
      byte[] image = image(cache, s);
      if (!isZero(image)) {
        blocks.add(s, image);
      }
    }
  }

  StoredFile copy() {
    StoredFile copy = new StoredFile();
    copy.cache = cache.clone();
    copy.size = size;
    copy.durable = durable.clone();
    copy.durableSize = durableSize;
    copy.dirty.or(dirty);
    older.forEach((sector, images) -> copy.older.put(sector, new ArrayList<>(images)));
    ghosts.forEach((sector, images) -> copy.ghosts.put(sector, new ArrayList<>(images)));
    copy.sizes.clear();
    copy.sizes.addAll(sizes);
    copy.links = links;
    return copy;
  }
}
