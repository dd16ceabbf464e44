package dev.walnut;

import dev.walnut.exception.EntryTooLargeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Entries that a log keeps whole or not at all, whatever happens.
 *
 * <p>Either every entry is {@code put} under an index of its own, for {@link
 * Wal#write(WriteBatch)}, or every entry is {@code add}ed without one, for {@link
 * Wal#append(WriteBatch)}, which assigns consecutive indexes. Values are copied. A batch may be
 * filled further, and written again, after a call that wrote it returned. Used by one thread at a
 * time.
 */
public final class WriteBatch {
  private static final long NO_INDEX = -1;

  private final List<Item> items = new ArrayList<>();
  private long recordBytes;
  private long largestEntryBytes;
  private long largestIndex = NO_INDEX;
  private int indexed;

  /** One entry; its value belongs to the batch. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Item(long index, String key, int keyBytes, byte[] value) {}

  /** Makes an empty batch. */
  public WriteBatch() {}

  /**
   * Puts an entry under an index.
   *
   * @param index 0 to {@code Long.MAX_VALUE - 1}
   * @param key well-formed UTF-16; may be empty
   * @param value copied; may be empty
   * @return this batch
   */
  public WriteBatch put(long index, String key, byte[] value) {
    Arguments.requireIndex(index);
    return add(index, key, value.clone());
  }

  /**
   * As {@link #put(long, String, byte[])}, with the bytes from position to limit, which stay where
   * they are.
   */
  public WriteBatch put(long index, String key, ByteBuffer value) {
    Arguments.requireIndex(index);
    return add(index, key, EntryRequest.copyOf(value));
  }

  /**
   * Adds an entry whose index will be assigned.
   *
   * @param key well-formed UTF-16; may be empty
   * @param value copied; may be empty
   * @return this batch
   */
  public WriteBatch add(String key, byte[] value) {
    return add(NO_INDEX, key, value.clone());
  }

  /**
   * As {@link #add(String, byte[])}, with the bytes from position to limit, which stay where they
   * are.
   */
  public WriteBatch add(String key, ByteBuffer value) {
    return add(NO_INDEX, key, EntryRequest.copyOf(value));
  }

  /** Adds an entry with an empty key whose index will be assigned. */
  public WriteBatch add(byte[] value) {
    return add("", value);
  }

  /** As {@link #add(byte[])}, with the bytes from position to limit, which stay where they are. */
  public WriteBatch add(ByteBuffer value) {
    return add("", value);
  }

  private WriteBatch add(long index, String key, byte[] value) {
    Objects.requireNonNull(key, "key");
    long keyBytes = Utf8.encodedBytes(key);
    if (keyBytes > Integer.MAX_VALUE) {
      throw new EntryTooLargeException("write batch: a key of " + keyBytes + " bytes");
    }
    items.add(new Item(index, key, (int) keyBytes, value));
    long entryBytes = keyBytes + value.length;
    recordBytes += entryBytes + EntryRequest.RECORD_OVERHEAD_BYTES;
    largestEntryBytes = Math.max(largestEntryBytes, entryBytes);
    largestIndex = Math.max(largestIndex, index);
    indexed += index == NO_INDEX ? 0 : 1;
    return this;
  }

  /** Removes every entry. */
  public WriteBatch clear() {
    items.clear();
    recordBytes = 0;
    largestEntryBytes = 0;
    largestIndex = NO_INDEX;
    indexed = 0;
    return this;
  }

  /** The number of entries. */
  public int size() {
    return items.size();
  }

  /** Whether there is no entry; writing nothing does nothing, and syncs nothing. */
  public boolean isEmpty() {
    return items.isEmpty();
  }

  long recordBytes() {
    return recordBytes;
  }

  long largestIndex() {
    return largestIndex;
  }

  void requireIndexes() {
    if (indexed != items.size()) {
      throw new IllegalArgumentException(
          "write batch: "
              + (items.size() - indexed)
              + " entries have no index; put them, or append the batch");
    }
  }

  void requireNoIndexes() {
    if (indexed != 0) {
      throw new IllegalArgumentException(
          "append batch: " + indexed + " entries have an index; add them, or write the batch");
    }
  }

  void requireFits(WalConfig config) {
    if (largestEntryBytes > config.maxEntryBytes()) {
      throw new EntryTooLargeException(
          "write batch with an entry of "
              + largestEntryBytes
              + " bytes: maxEntryBytes is "
              + config.maxEntryBytes());
    }
    if (recordBytes > config.maxWriteBatchBytes()) {
      throw new EntryTooLargeException(
          "write batch of "
              + recordBytes
              + " bytes: maxWriteBatchBytes is "
              + config.maxWriteBatchBytes());
    }
  }

  /** The entries as they are now, in the order added. */
  Item[] snapshot() {
    return items.toArray(new Item[0]);
  }

  /** The entries as they are now, by index. */
  Item[] sortedSnapshot() {
    return items.stream().sorted(Comparator.comparingLong(Item::index)).toArray(Item[]::new);
  }

  @Override
  public String toString() {
    return "WriteBatch{" + items.size() + " entries, " + recordBytes + " bytes}";
  }
}
