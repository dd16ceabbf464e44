package dev.walnut.internal.platform;

/**
 * What one {@link DiskFile#write} does: checksums to compute and store, then spans to write.
 *
 * <p>A checksum is CRC-32C over 16 bytes of salt and then over the covered bytes, in the order they
 * were covered. It is stored as 4 bytes, little-endian. A later checksum may cover the stored value
 * of an earlier one. A body may compute a checksum as soon as it is stored here or as late as
 * inside the write, so covered bytes must not change in between.
 */
public interface WritePlan {

  /** Forgets all checksums and spans. */
  void clear();

  /** Adds bytes {@code [from, from + length)} to the checksum being described. */
  void cover(Memory memory, int from, int length);

  /**
   * Ends the checksum being described: it takes this salt and goes to {@code target[at, at + 4)}.
   *
   * @param saltLow the first 8 bytes of the salt, little-endian
   * @param saltHigh the last 8 bytes of the salt, little-endian
   */
  void store(long saltLow, long saltHigh, Memory target, int at);

  /** Adds bytes {@code [from, from + length)} to what is written. */
  void span(Memory memory, int from, int length);
}
