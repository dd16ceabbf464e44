package dev.walnut.internal.segment;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What lies in a log's directory, to see that nothing was changed. */
final class FileDigest {
  /** Of a file that is larger, only both ends are looked at, besides its length. */
  private static final int PART_BYTES = 1 << 20;

  private FileDigest() {}

  /** A line for each regular file but the lock. */
  static Map<String, String> of(Path dir) throws IOException {
    Map<String, String> digest = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(f -> !f.endsWith("segment_lock")).toList()) {
        digest.put(file.getFileName().toString(), ofFile(file));
      }
    }
    return digest;
  }

  private static String ofFile(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long length = file.length();
      byte[] part = new byte[(int) Math.min(length, PART_BYTES)];
      file.readFully(part);
      int start = Arrays.hashCode(part);
      file.seek(length - part.length);
      file.readFully(part);
      return length + " bytes, " + start + ", " + Arrays.hashCode(part);
    }
  }
}
