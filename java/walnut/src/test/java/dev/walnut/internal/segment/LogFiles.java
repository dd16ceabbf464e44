package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A log's files as bytes: to look at, to damage and to put back. */
final class LogFiles {
  private LogFiles() {}

  /** Where a batch lies: {@code [start, end)}. */
  record Batch(int start, int end) {}

  /** Every regular file but the lock, by name. */
  static TreeMap<String, byte[]> content(Path dir) throws IOException {
    TreeMap<String, byte[]> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        boolean regular = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
        if (regular && !file.endsWith("segment_lock")) {
          content.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      }
    }
    return content;
  }

  /** What must be the same when nothing changed: each file's length and bytes, in short. */
  static TreeMap<String, String> digest(Path dir) throws IOException {
    return digest(content(dir));
  }

  static TreeMap<String, String> digest(Map<String, byte[]> content) {
    TreeMap<String, String> digest = new TreeMap<>();
    content.forEach(
        (name, bytes) -> digest.put(name, bytes.length + " bytes, " + Arrays.hashCode(bytes)));
    return digest;
  }

  /** Makes a directory hold these files and no other. */
  static void restore(Map<String, byte[]> content, Path dir) throws IOException {
    Files.createDirectories(dir);
    try (Stream<Path> old = Files.list(dir)) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    for (Map.Entry<String, byte[]> file : content.entrySet()) {
      Files.write(dir.resolve(file.getKey()), file.getValue());
    }
  }

  /** The same files with one of them replaced. */
  static TreeMap<String, byte[]> with(Map<String, byte[]> content, String name, byte[] bytes) {
    TreeMap<String, byte[]> changed = new TreeMap<>(content);
    changed.put(name, bytes);
    return changed;
  }

  static void flip(Path file, int offset, int mask) throws IOException {
    Files.write(file, flipped(Files.readAllBytes(file), offset, mask));
  }

  static byte[] flipped(byte[] bytes, int offset, int mask) {
    byte[] flipped = bytes.clone();
    flipped[offset] ^= (byte) mask;
    return flipped;
  }

  /** Where the zeros that end a file begin. */
  static int dataEnd(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  /** The batches of an intact segment. */
  static List<Batch> batches(byte[] segment) {
    ByteBuffer bytes = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
    List<Batch> batches = new ArrayList<>();
    int at = Format.HEADER_BYTES;
    while (at + Format.BATCH_HEADER_BYTES <= segment.length
        && bytes.getInt(at) == Format.BATCH_MAGIC) {
      int end = at + Format.BATCH_HEADER_BYTES + bytes.getInt(at + 8);
      batches.add(new Batch(at, end));
      at = end;
    }
    return batches;
  }

  /** Changes a field of a header block, and makes its checksum right again. */
  static void restamp(byte[] block, int at, int value) {
    ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(at, value);
    int crc = new SaltedCrc().of(0, bytes.getInt(32), 0, bytes, 0, Format.HEADER_CRC_AT);
    bytes.putInt(Format.HEADER_CRC_AT, crc);
  }

  /** Fills a segment from an offset on with authentic batch headers whose bodies reach its end. */
  static void nestHeaders(byte[] segment, int from, long epoch) {
    ByteBuffer bytes = ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN);
    SaltedCrc crc = new SaltedCrc();
    int at = from;
    while (at + 2 * Format.BATCH_HEADER_BYTES <= segment.length) {
      int body = segment.length - at - Format.BATCH_HEADER_BYTES & -Format.BATCH_ALIGN;
      BatchHeader.encode(bytes, at, Format.KIND_ENTRIES, body, 1, 9, 0, 0);
      bytes.putInt(at + Format.BATCH_BODY_CRC_AT, 1);
      int sum = crc.of(epoch, bytes.getInt(32), at, bytes, at, Format.BATCH_CRC_AT);
      bytes.putInt(at + Format.BATCH_CRC_AT, sum);
      at += Format.BATCH_HEADER_BYTES;
    }
  }
}
