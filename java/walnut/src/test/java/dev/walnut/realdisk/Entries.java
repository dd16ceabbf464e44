package dev.walnut.realdisk;

import dev.walnut.WalEntry;
import java.util.Random;
import java.util.zip.CRC32;

/** Entries whose keys tell who wrote them and what their values are. */
final class Entries {
  private Entries() {}

  /**
   * The key of an entry.
   *
   * @param writer who writes it; no two that ever wrote the same log are equal
   * @param number which of the writer's
   * @param bytes of the value
   */
  static String key(String writer, long number, int bytes) {
    return writer + "." + number + "." + bytes;
  }

  static byte[] value(String key) {
    CRC32 seed = new CRC32();
    seed.update(key.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    byte[] value = new byte[Integer.parseInt(key.substring(key.lastIndexOf('.') + 1))];
    new Random(seed.getValue()).nextBytes(value);
    return value;
  }

  /** Whether it is as it was written, or as its tombstone left it. */
  static boolean isWhole(WalEntry entry) {
    byte[] expected = entry.isTombstone() ? new byte[0] : value(entry.key());
    return java.util.Arrays.equals(expected, entry.value());
  }

  /** Mostly small, seldom nothing, seldom more than a segment holds. */
  static int bytes(Random random) {
    return switch (random.nextInt(16)) {
      case 0 -> 0;
      case 1 -> random.nextInt(40_000);
      case 2, 3 -> random.nextInt(5_000);
      default -> random.nextInt(200);
    };
  }
}
