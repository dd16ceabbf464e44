package dev.walnut.internal.platform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside the heap that a body of {@link Disk} can read and write: a direct buffer and, for
 * the native body, its address, taken once.
 *
 * <p>Freed when it is no longer reachable; whoever hands its address to C keeps it reachable.
 */
public final class Memory {
  private final ByteBuffer bytes;
  private final long address;

  Memory(ByteBuffer bytes, long address) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.address = address;
  }

  /** The bytes, little-endian; position and limit are the owner's to use. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** The size in bytes. */
  public int capacity() {
    return bytes.capacity();
  }

  /** The address of the first byte; 0 where no body needs it. */
  long address() {
    return address;
  }
}
