package dev.walnut.internal.segment;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** A log's directory as a fuzzer's bytes: whatever they are, they stand for segment files. */
public final class FuzzInput {
  /*
   * For each file: its number, what is to be made right in it, the length of what follows (two
   * bytes, little-endian), and its content, in which a zero is followed by the number of further
   * zeros. A fuzzer that changes bytes gets no further than the first checksum, so it may ask for
   * them to be made right around what it has changed.
   */
  private static final int FILES_MAX = 8;
  private static final int HEAD_BYTES = 4;
  private static final int PACKED_BYTES_MAX = 0xffff;
  private static final int FILE_BYTES_MAX = 1 << 20;
  private static final int NUMBER_AT_THE_TOP = 255;

  /** One file: its number, which of {@link Restamping}'s bits are wanted, and its bytes. */
  record Part(int number, int repairs, byte[] content) {}

  private FuzzInput() {}

  // ---- to files

  /** The files that the bytes stand for, by name, with checksums made right where asked. */
  static TreeMap<String, byte[]> files(byte[] input) {
    TreeMap<Integer, Part> parts = new TreeMap<>();
    int at = 0;
    while (at + HEAD_BYTES <= input.length && parts.size() < FILES_MAX) {
      int number = input[at] & 0xff;
      int length = (input[at + 2] & 0xff) | (input[at + 3] & 0xff) << 8;
      int from = at + HEAD_BYTES;
      at = Math.min(from + length, input.length);
      int named = number == NUMBER_AT_THE_TOP ? Integer.MAX_VALUE - 1 : number;
      parts.put(named, new Part(named, input[from - 3], unpacked(input, from, at)));
    }
    new Restamping().repair(parts.values());
    TreeMap<String, byte[]> files = new TreeMap<>();
    parts.forEach((number, part) -> files.put("segment_" + number, part.content()));
    return files;
  }

  /** Makes a directory hold the files that the bytes stand for, and nothing else. */
  public static void layOut(byte[] input, Path dir) throws IOException {
    SalvageFixture.restore(files(input), dir);
  }

  private static byte[] unpacked(byte[] input, int from, int to) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (int i = from; i < to; i++) {
      content.write(input[i]);
      if (input[i] == 0 && ++i < to) {
        int zeros = Math.min(input[i] & 0xff, FILE_BYTES_MAX - content.size());
        content.writeBytes(new byte[zeros]);
      }
    }
    return content.toByteArray();
  }

  // ---- from files

  /** The bytes that stand for the segments in a directory, or null if they are too many. */
  static byte[] of(Path dir, int repairs) throws IOException {
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    SegmentNames names = new SegmentNames("segment_");
    TreeSet<Integer> numbers = new TreeSet<>();
    SalvageFixture.names(dir).forEach(name -> numbers.add(names.number(name)));
    for (int number : numbers.tailSet(0)) {
      byte[] packed = packed(Files.readAllBytes(dir.resolve("segment_" + number)));
      if (packed.length > PACKED_BYTES_MAX) {
        return null;
      }
      input.write(Math.min(number, NUMBER_AT_THE_TOP));
      input.write(repairs);
      input.write(packed.length);
      input.write(packed.length >> 8);
      input.writeBytes(packed);
    }
    return input.toByteArray();
  }

  private static byte[] packed(byte[] content) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    int at = 0;
    while (at < content.length) {
      packed.write(content[at]);
      int zeros = at;
      while (zeros < content.length && zeros - at < 256 && content[zeros] == 0) {
        zeros++;
      }
      if (zeros > at) {
        packed.write(zeros - at - 1);
      }
      at = Math.max(at + 1, zeros);
    }
    return packed.toByteArray();
  }

  // ---- seeds

  /** Every golden log and every hostile one that is small, as they are and with repairs. */
  static List<byte[]> seeds(Path scratch) throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (GoldenLog log : GoldenLog.values()) {
      addSeeds(log.committed(), seeds);
    }
    for (HostileCase hostile : HostileCase.values()) {
      if (!hostile.name().contains("_MIB")) {
        Path dir = Files.createDirectory(scratch.resolve(hostile.name()));
        hostile.layOut(dir);
        addSeeds(dir, seeds);
      }
    }
    seeds.add(nestedHeaders(Files.createDirectory(scratch.resolve("nested"))));
    return seeds;
  }

  /** Headers inside one another's bodies: each says that it covers all that is left. */
  private static byte[] nestedHeaders(Path dir) throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1);
    layout.record(Format.TYPE_ENTRY, new byte[1000 * Format.BATCH_HEADER_BYTES]).end(0);
    byte[] bytes = layout.toBytes();
    LogFiles.nestHeaders(bytes, LogFiles.batches(bytes).get(1).start(), SegmentLayout.EPOCH);
    Files.write(dir.resolve("segment_0"), bytes);
    byte[] seed = of(dir, 0);
    assert seed != null : "small enough";
    return seed;
  }

  private static void addSeeds(Path dir, List<byte[]> seeds) throws IOException {
    for (int repairs : new int[] {0, Restamping.CHECKSUMS, Restamping.ALL}) {
      byte[] seed = of(dir, repairs);
      if (seed != null) {
        seeds.add(seed);
      }
    }
  }

  /** Writes the seeds into a directory, for a fuzzer to start from. */
  public static void main(String[] arguments) throws IOException {
    Path target = Files.createDirectories(Path.of(arguments[0]));
    Path scratch = Files.createTempDirectory("seeds");
    int number = 0;
    for (byte[] seed : seeds(scratch)) {
      Files.write(target.resolve("seed-" + number++), seed);
    }
    SalvageFixture.restore(new TreeMap<>(), scratch);
    Files.delete(scratch);
  }
}
