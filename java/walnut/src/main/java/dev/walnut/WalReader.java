package dev.walnut;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.LogClosedException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The reading half of a log. Safe for use by any number of threads.
 *
 * <p>Every method but {@link #close} throws {@link LogClosedException} on a closed log.
 */
public interface WalReader extends Iterable<WalEntry>, Closeable {

  /**
   * Returns the entry with this index; a tombstone too. Its checksum is verified first.
   *
   * @param index at least 0
   * @throws CorruptLogException if the entry's bytes are damaged; nothing is returned in its place
   * @throws IOException if it cannot be read; the log is unaffected
   */
  Optional<WalEntry> get(long index) throws IOException;

  /**
   * Whether there is an entry, or a tombstone, with this index.
   *
   * @param index at least 0
   * @throws IOException if the table that knows it cannot be read; the log is unaffected
   */
  boolean contains(long index) throws IOException;

  /**
   * Returns a cursor over what is visible now, in index order.
   *
   * @param from the first index wanted, at least 0; need not exist
   */
  WalCursor cursor(long from);

  /**
   * Returns a cursor that goes as far as is asked for, now and in {@link WalCursor#await}.
   *
   * @param from the first index wanted, at least 0; need not exist
   * @param upTo {@link ReadUpTo#DURABLE} to stop at the durable point
   */
  WalCursor cursor(long from, ReadUpTo upTo);

  /**
   * Iterates over what is visible now, in index order. What a cursor throws as an {@link
   * IOException}, this throws as an {@link UncheckedIOException}.
   */
  @Override
  Iterator<WalEntry> iterator();

  /** Streams what is visible now, in index order; failures as those of {@link #iterator}. */
  Stream<WalEntry> stream();

  /** The smallest index; {@link #lastIndex} + 1 if the log is empty. */
  long firstIndex();

  /**
   * The largest index ever written and not taken back; 0 in a fresh log. Where a truncation or a
   * reset has left no entry, the one before the next index.
   */
  long lastIndex();

  /** Whether there is no entry. */
  boolean isEmpty();

  /** The number of entries, tombstones included. */
  long size();

  /** Releases what is held. Idempotent. */
  @Override
  void close() throws IOException;
}
