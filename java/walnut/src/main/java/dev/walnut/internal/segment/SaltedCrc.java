package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Crc32c;
import java.nio.ByteBuffer;

/** The checksums of the format when reading: the salt says where a structure belongs. */
final class SaltedCrc {
  private final Crc32c crc = new Crc32c();

  /** The checksum of {@code bytes[from, from + length)} for a structure at {@code offset}. */
  int of(long epoch, int segment, int offset, ByteBuffer bytes, int from, int length) {
    begin(epoch, segment, offset);
    update(bytes, from, length);
    return end();
  }

  /** Starts a checksum of a structure at {@code offset}. */
  void begin(long epoch, int segment, int offset) {
    crc.start(epoch, Format.saltHigh(segment, offset));
  }

  /** Adds {@code bytes[from, from + length)}. */
  void update(ByteBuffer bytes, int from, int length) {
    crc.add(bytes, from, length);
  }

  int end() {
    return crc.value();
  }
}
