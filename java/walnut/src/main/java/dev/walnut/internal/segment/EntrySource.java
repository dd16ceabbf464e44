package dev.walnut.internal.segment;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The reading half of a store: entries by index. For any thread at any time until it is closed. */
public interface EntrySource extends Closeable {

  /** The entry, checked against its checksum, or null if there is none. */
  @Nullable StoredEntry get(long index) throws IOException;

  /** Whether there is an entry, or tombstone, with this index. */
  boolean contains(long index) throws IOException;

  /** Goes through what is visible now, from the first index at or above {@code from} on. */
  default EntryCursor cursor(long from) {
    return cursor(from, /* durableOnly= */ false);
  }

  /** The same, up to the durable index if only what is durable is wanted. */
  EntryCursor cursor(long from, boolean durableOnly);

  /** The smallest index visible; {@link #lastIndex} + 1 if there is none. */
  long firstIndex();

  /** The largest index ever visible and not taken back by truncation; 0 in a fresh log. */
  long lastIndex();

  /** The number of visible entries. */
  long size();

  /**
   * The last index if nothing visible is unsynced, else the smallest unsynced index − 1. Reading it
   * after {@link EntryStore#commit} or {@link EntryStore#sync} returned shows their effect.
   */
  long durableIndex();

  /** Releases every handle, and the lock if there is one, writing nothing. Reads fail then. */
  @Override
  void close() throws IOException;
}
