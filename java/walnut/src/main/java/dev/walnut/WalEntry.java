package dev.walnut;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** An entry read from a log. Immutable, and equal to another with the same content. */
public final class WalEntry {
  private final long index;
  private final String key;
  private final byte[] value;
  private final boolean tombstone;

  private WalEntry(long index, String key, byte[] value, boolean tombstone) {
    this.index = index;
    this.key = key;
    this.value = value;
    this.tombstone = tombstone;
  }

  /**
   * Returns an entry, as a log would return it; for tests of code that reads logs.
   *
   * @param index at least 0
   * @param value copied
   */
  public static WalEntry of(long index, String key, byte[] value) {
    Arguments.requireIndex(index);
    Objects.requireNonNull(key, "key");
    return new WalEntry(index, key, value.clone(), false);
  }

  /** Takes over the value, which nobody else may hold. */
  static WalEntry owning(long index, String key, byte[] value, boolean tombstone) {
    return new WalEntry(index, key, value, tombstone);
  }

  /** The caller's number for this entry; at least 0. */
  public long index() {
    return index;
  }

  /** The key; may be empty. */
  public String key() {
    return key;
  }

  /** A copy of the value; empty for a tombstone. */
  public byte[] value() {
    return value.clone();
  }

  /** A read-only view of the value; no copy is made. */
  public ByteBuffer valueBuffer() {
    return ByteBuffer.wrap(value).asReadOnlyBuffer();
  }

  /** The length of the value in bytes. */
  public int valueBytes() {
    return value.length;
  }

  /** Whether the entry's value was taken away by {@link Wal#tombstone}. */
  public boolean isTombstone() {
    return tombstone;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WalEntry entry
        && index == entry.index
        && tombstone == entry.tombstone
        && key.equals(entry.key)
        && Arrays.equals(value, entry.value);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Long.hashCode(index) + key.hashCode()) + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    String what = tombstone ? "tombstone" : value.length + " bytes";
    return "WalEntry{index=" + index + ", key=\"" + key + "\", " + what + '}';
  }
}
