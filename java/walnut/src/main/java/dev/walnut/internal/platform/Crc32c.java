package dev.walnut.internal.platform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A salted CRC-32C: over 16 bytes of salt, then over what is added, in the order it is added. The
 * same sum as {@link WritePlan#store} computes, for whoever reads it back.
 *
 * <p>Made once and used again; no call allocates. For one thread at a time.
 */
public final class Crc32c {
  private static final int SALT_BYTES = 16;

  private final CRC32C sum = new CRC32C();
  private final ByteBuffer salt = ByteBuffer.allocate(SALT_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Forgets what was added and starts a new sum.
   *
   * @param saltLow the first 8 bytes of the salt, little-endian
   * @param saltHigh the last 8 bytes of the salt, little-endian
   * @return this
   */
  public Crc32c start(long saltLow, long saltHigh) {
    salt.putLong(0, saltLow).putLong(Long.BYTES, saltHigh);
    sum.reset();
    sum.update(salt.array(), 0, SALT_BYTES);
    return this;
  }

  /**
   * Adds bytes {@code [from, from + length)} of the memory.
   *
   * @return this
   */
  public Crc32c add(Memory memory, int from, int length) {
    return add(memory.bytes(), from, length);
  }

  /**
   * Adds bytes {@code [from, from + length)} of the buffer, counted from its first byte, not from
   * its position. Position and limit move during the call and are put back, so that no other thread
   * may use this very buffer meanwhile.
   *
   * @return this
   */
  public Crc32c add(ByteBuffer bytes, int from, int length) {
    int position = bytes.position();
    int limit = bytes.limit();
    bytes.limit(from + length).position(from);
    sum.update(bytes);
    bytes.limit(limit).position(position);
    return this;
  }

  /** The sum of the salt and of what was added so far. */
  public int value() {
    return (int) sum.getValue();
  }
}
