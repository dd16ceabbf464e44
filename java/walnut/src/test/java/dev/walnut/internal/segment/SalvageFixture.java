package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Runs salvages on a disk, and looks at what they leave. */
final class SalvageFixture {
  static final LogVerifier.Listener SILENT =
      new LogVerifier.Listener() {
        @Override
        public void reached(long bytes, long bytesTotal) {
          assertThat(bytes).isBetween(0L, bytesTotal);
        }

        @Override
        public void suspected(DamageFacts place) {
          assertThat(place.offset()).isNotNegative();
        }
      };

  private SalvageFixture() {}

  static SalvageOutcome apply(Disk disk, Path dir) throws IOException {
    return LogSalvage.run(StoreFixture.environment(disk, 77), dir, "segment_", true, SILENT);
  }

  static SalvageOutcome dryRun(Disk disk, Path dir) throws IOException {
    return LogSalvage.run(StoreFixture.environment(disk, 77), dir, "segment_", false, SILENT);
  }

  static Verification verify(Disk disk, Path dir) throws IOException {
    return LogVerifier.verify(StoreFixture.environment(disk, 1), dir, "segment_", SILENT);
  }

  /** What the log holds when it is opened with everything checked. */
  static TreeMap<Long, String> entries(Disk disk, Path dir) throws IOException {
    try (SegmentStore store = SmallLog.openFully(disk, dir)) {
      return StoreFixture.read(store);
    }
  }

  /** What lies anywhere below a directory, but the lock: content by path. */
  static TreeMap<String, byte[]> tree(Path dir) throws IOException {
    TreeMap<String, byte[]> tree = new TreeMap<>();
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("segment_lock")) {
          tree.put(dir.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return tree;
  }

  /** Makes a directory hold this tree and nothing else. */
  static void restore(Map<String, byte[]> tree, Path dir) throws IOException {
    Files.createDirectories(dir);
    try (Stream<Path> old = Files.walk(dir)) {
      for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(dir)) {
          Files.delete(file);
        }
      }
    }
    for (Map.Entry<String, byte[]> file : tree.entrySet()) {
      Path path = dir.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  /** Where each of these files' bytes are now, under whatever path; fails if they are nowhere. */
  static void assertNothingLost(Map<String, byte[]> before, Path dir, String when)
      throws IOException {
    List<String> now = new ArrayList<>();
    for (byte[] bytes : tree(dir).values()) {
      now.add(new String(bytes, StandardCharsets.ISO_8859_1));
    }
    for (Map.Entry<String, byte[]> file : before.entrySet()) {
      assertThat(now.contains(new String(file.getValue(), StandardCharsets.ISO_8859_1)))
          .as(when + ": the bytes of " + file.getKey())
          .isTrue();
    }
  }

  static Set<String> names(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return new TreeSet<>(files.map(f -> f.getFileName().toString()).toList());
    }
  }
}
