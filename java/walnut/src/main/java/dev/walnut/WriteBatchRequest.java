package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import org.jspecify.annotations.Nullable;

/** Writes a caller's set of entries, whole or not at all. */
final class WriteBatchRequest extends Request {
  private static final WriteBatch.Item[] FORGOTTEN = {};

  private final int entries;
  private final long recordBytes;
  private final long largestIndex;
  private WriteBatch.Item[] items;

  /**
   * @param items in the order to be written; with indexes, or all without
   * @param recordBytes bytes their records take at most
   * @param largestIndex what the caller gets, or {@link EntryRequest#NEXT_INDEX} if indexes are to
   *     be assigned
   */
  WriteBatchRequest(
      @Nullable Thread waiter,
      boolean durable,
      WriteBatch.Item[] items,
      long recordBytes,
      long largestIndex) {
    super(waiter, durable);
    this.items = items;
    this.entries = items.length;
    this.recordBytes = recordBytes;
    this.largestIndex = largestIndex;
  }

  @Override
  long addTo(EntryStore store) {
    boolean joined = false;
    for (WriteBatch.Item item : items) {
      boolean assign = largestIndex == EntryRequest.NEXT_INDEX;
      long index = assign ? EntryRequest.nextIndex(store) : item.index();
      byte[] value = item.value();
      store.addEntry(index, item.key(), item.keyBytes(), value, 0, value.length, joined);
      joined = true;
    }
    return largestIndex == EntryRequest.NEXT_INDEX ? store.pendingLastIndex() : largestIndex;
  }

  @Override
  int entries() {
    return entries;
  }

  @Override
  long recordBytes() {
    return recordBytes;
  }

  @Override
  long queueBytes() {
    return recordBytes;
  }

  @Override
  void forget() {
    items = FORGOTTEN;
  }

  @Override
  String describe() {
    return "write batch of " + entries + " entries";
  }
}
