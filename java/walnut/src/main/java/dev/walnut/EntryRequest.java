package dev.walnut;

import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.internal.segment.EntryStore;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes one entry, under its own index or the next. */
final class EntryRequest extends Request {
  /** What a record adds to its key and value, at most: lengths, checksum, type, index. */
  static final int RECORD_OVERHEAD_BYTES = 32;

  /** Stands for the index after the last. */
  static final long NEXT_INDEX = -1;

  private static final byte[] FORGOTTEN = {};

  private final long index;
  private String key;
  private final int keyBytes;
  private final int valueBytes;
  private Object value;

  /**
   * @param value an array, or a buffer from position to limit. Read by whoever leads the batch: a
   *     waiting caller lends its own, for any other a copy is made.
   */
  EntryRequest(
      @Nullable Thread waiter,
      boolean durable,
      long index,
      String key,
      int keyBytes,
      Object value,
      int valueBytes) {
    super(waiter, durable);
    this.index = index;
    this.key = key;
    this.keyBytes = keyBytes;
    this.value = value;
    this.valueBytes = valueBytes;
  }

  static byte[] copyOf(ByteBuffer value) {
    byte[] copy = new byte[value.remaining()];
    value.get(value.position(), copy);
    return copy;
  }

  static int bytesOf(Object value) {
    return value instanceof byte[] array ? array.length : ((ByteBuffer) value).remaining();
  }

  static Object copyOf(Object value) {
    return value instanceof byte[] array ? array.clone() : copyOf((ByteBuffer) value);
  }

  /** Adds an entry; the one place where the two shapes of a value part. */
  static long add(EntryStore store, long index, String key, int keyBytes, Object value) {
    long taken = index == NEXT_INDEX ? nextIndex(store) : index;
    if (value instanceof byte[] array) {
      store.addEntry(taken, key, keyBytes, array, 0, array.length, /* joined= */ false);
    } else {
      store.addEntry(taken, key, keyBytes, (ByteBuffer) value, /* joined= */ false);
    }
    return taken;
  }

  /** Assigns an index. The one after the largest would be no index. */
  static long nextIndex(EntryStore store) {
    long last = store.pendingLastIndex();
    if (last >= Long.MAX_VALUE - 1) {
      throw new NonSequentialIndexException(
          Long.MAX_VALUE, Long.MAX_VALUE - 1, "the log has the largest index, so none is next");
    }
    return last + 1;
  }

  @Override
  long addTo(EntryStore store) {
    return add(store, index, key, keyBytes, value);
  }

  @Override
  int entries() {
    return 1;
  }

  @Override
  long recordBytes() {
    return queueBytes() + RECORD_OVERHEAD_BYTES;
  }

  @Override
  long queueBytes() {
    return (long) keyBytes + valueBytes;
  }

  @Override
  void forget() {
    key = "";
    value = FORGOTTEN;
  }

  @Override
  String describe() {
    return describe(index);
  }

  static String describe(long index) {
    return index == NEXT_INDEX ? "append" : "write index " + index;
  }
}
