package dev.walnut.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The records of the tables: a 16-byte key and values that do not compress. */
final class Records {
  static final String KEY = "key-0123456789ab";

  /** What a record's header, index and lengths take beside key and value in a log's file. */
  private static final int OVERHEAD_BYTES = 20;

  private Records() {}

  static byte[] key() {
    return KEY.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] value(int bytes) {
    byte[] value = new byte[bytes];
    new Random(1).nextBytes(value);
    return value;
  }

  static int recordBytes(int valueBytes) {
    return OVERHEAD_BYTES + KEY.length() + valueBytes;
  }
}
