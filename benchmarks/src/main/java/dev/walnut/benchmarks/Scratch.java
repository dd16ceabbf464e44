package dev.walnut.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

/** Where benchmarks write: below the directory named by {@code -Dbench.dir}, or the working one. */
final class Scratch {
  private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");

  private Scratch() {}

  /**
   * Makes a new directory.
   *
   * @throws IllegalStateException if it would lie in memory, where a sync costs nothing
   */
  static Path newDirectory() throws IOException {
    Path base = Path.of(System.getProperty("bench.dir", "."));
    Files.createDirectories(base);
    String type = Files.getFileStore(base).type();
    if (MEMORY.contains(type)) {
      throw new IllegalStateException(
          base.toAbsolutePath() + " lies in memory (" + type + "); name a disk by -Dbench.dir");
    }
    return Files.createTempDirectory(base.toAbsolutePath().normalize(), "bench-");
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(Scratch::deleteOne);
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
