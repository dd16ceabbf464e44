package dev.walnut.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Sectors of files that are gone; they may show, at the same place, where another file grows. */
final class Blocks {
  private static final int IMAGES_MAX = 6;

  private final Map<Integer, List<byte[]>> images = new HashMap<>();

  void add(int sector, byte[] image) {
    List<byte[]> kept = images.computeIfAbsent(sector, s -> new ArrayList<>());
    if (kept.size() == IMAGES_MAX) {
      kept.remove(0);
    }
    kept.add(image);
  }

  byte @Nullable [] any(int sector, RandomGenerator random) {
    List<byte[]> found = images.get(sector);
    return found == null ? null : found.get(random.nextInt(found.size()));
  }

  Blocks copy() {
    Blocks copy = new Blocks();
    images.forEach((sector, found) -> copy.images.put(sector, new ArrayList<>(found)));
    return copy;
  }
}
