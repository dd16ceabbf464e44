package dev.walnut;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.internal.segment.EntryCursor;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Goes through entries in index order. Used by one thread at a time.
 *
 * <p>A cursor sees the entries that were visible when it was made, less those removed since, and
 * never one written later, nor one written anew at an index that was taken back. It holds no file
 * between calls, so it keeps no segment from being deleted.
 *
 * <pre>{@code
 * try (WalCursor cursor = wal.cursor(1)) {
 *   for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
 *     apply(entry);
 *   }
 * }
 * }</pre>
 */
public final class WalCursor implements Closeable {
  private final ReaderGate gate;
  private final EntryCursor entries;
  private boolean closed;

  WalCursor(ReaderGate gate, EntryCursor entries) {
    this.gate = gate;
    this.entries = entries;
  }

  /**
   * Returns the next entry, or null behind the last.
   *
   * @throws CompactedException if entries ahead were removed since this cursor was made; each
   *     further call throws it again
   * @throws CorruptLogException if the entry's bytes are damaged; nothing is returned in its place
   * @throws IOException if it cannot be read; the log is unaffected
   * @throws LogClosedException if the log or this cursor is closed
   */
  public @Nullable WalEntry next() throws IOException {
    if (closed) {
      throw new LogClosedException("next: this cursor is closed");
    }
    int lane = gate.enter("next");
    try {
      return Reads.entry(entries.next());
    } finally {
      gate.leave(lane);
    }
  }

  /** Ends this cursor; the log is unaffected. Idempotent. */
  @Override
  public void close() {
    closed = true;
  }
}
