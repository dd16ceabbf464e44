package dev.walnut.internal.segment;

/** An entry read back and checked. Its value is the receiver's own. */
public final class StoredEntry {
  private final long index;
  private final String key;
  private final byte[] value;
  private final boolean tombstone;

  /**
   * @param value not copied; empty for a tombstone
   * @param tombstone whether a tombstone was written for it
   */
  public StoredEntry(long index, String key, byte[] value, boolean tombstone) {
    this.index = index;
    this.key = key;
    this.value = value;
    this.tombstone = tombstone;
  }

  /** Its index. */
  public long index() {
    return index;
  }

  /** Its key. */
  public String key() {
    return key;
  }

  /** Its value, not a copy; empty for a tombstone. */
  public byte[] value() {
    return value;
  }

  /** Whether a tombstone was written for it. */
  public boolean tombstone() {
    return tombstone;
  }
}
