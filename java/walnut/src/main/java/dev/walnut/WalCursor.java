package dev.walnut;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.TruncatedException;
import dev.walnut.internal.segment.EntryCursor;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Goes through entries in index order. Used by one thread at a time.
 *
 * <p>A cursor sees the entries that were visible when it was made, less those removed since, and
 * never one written later, nor one written anew at an index that was taken back, unless {@link
 * #await} lets it see further. It holds no file between calls, so it keeps no segment from being
 * deleted.
 *
 * <pre>{@code
 * try (WalCursor cursor = wal.cursor(1)) {
 *   for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
 *     apply(entry);
 *   }
 * }
 * }</pre>
 *
 * <p><b>Tailing.</b> {@link #await} waits for the next entry, across new segments, and then lets
 * {@link #next} see all that is visible by then, or durable, for {@link ReadUpTo#DURABLE}:
 *
 * <pre>{@code
 * while (following) {
 *   if (cursor.await(Duration.ofSeconds(1))) {
 *     apply(cursor.next());
 *   }
 * }
 * }</pre>
 *
 * <p>The position is the index behind the last one returned, at first the one the cursor was made
 * with. It only rises: with {@link IndexOrder#UNIQUE}, what is written below it later is not shown.
 * The entry of an index that was truncated away and written again is never shown as if it followed
 * what was truncated; that is a {@link TruncatedException}.
 */
public final class WalCursor implements Closeable {
  private final ReaderGate gate;
  private final CursorWait wait;
  private final EntryCursor entries;
  private boolean closed;

  WalCursor(ReaderGate gate, CursorWait wait, EntryCursor entries) {
    this.gate = gate;
    this.wait = wait;
    this.entries = entries;
  }

  /**
   * Returns the next entry, or null behind the last.
   *
   * @throws CompactedException if entries ahead were removed since this cursor was made; each
   *     further call throws it again
   * @throws TruncatedException if a writer in another process has lost, in a crash, entries that
   *     this cursor has shown or was about to show; never with {@link ReadUpTo#DURABLE}
   * @throws CorruptLogException if the entry's bytes are damaged; nothing is returned in its place
   * @throws IOException if it cannot be read; the log is unaffected
   * @throws LogClosedException if the log or this cursor is closed
   */
  public @Nullable WalEntry next() throws IOException {
    requireOpen("next");
    int lane = gate.enter("next");
    try {
      return Reads.entry(entries.next());
    } finally {
      gate.leave(lane);
    }
  }

  /**
   * Waits until {@link #next} has an entry to return. At once, if there is one; else this looks at
   * what is visible now, and waits for more. The thread is parked meanwhile and uses no processor.
   * In a log opened with {@link Wal#openReadOnly} it looks at the files now and then instead, every
   * 64 ms at the latest.
   *
   * <p>If the end of the log was truncated at or above the position, entries that were not returned
   * yet are exchanged for those that took their place.
   *
   * @param timeout how long to wait; zero or less only looks
   * @return true if there is a next entry, false if the time is over
   * @throws TruncatedException if entries below the position were truncated, or the log was reset
   *     and the position is not 0; this cursor is of no more use
   * @throws CompactedException if entries at or above the position were removed before they were
   *     returned; this cursor is of no more use
   * @throws LogFailedException if the log has failed and everything there is has been returned;
   *     {@code outcome()} says nothing here
   * @throws LogClosedException if the log or this cursor is closed, now or while waiting
   * @throws InterruptedIOException if interrupted while waiting; the interrupt status is kept, and
   *     the cursor can be used on
   * @throws IOException if it cannot be read; the log is unaffected
   */
  public boolean await(Duration timeout) throws IOException {
    Objects.requireNonNull(timeout, "timeout");
    requireOpen("await");
    return wait.await(entries, timeout);
  }

  private void requireOpen(String operation) {
    if (closed) {
      throw new LogClosedException(operation + ": this cursor is closed");
    }
  }

  /** Ends this cursor; the log is unaffected. Idempotent. */
  @Override
  public void close() {
    closed = true;
  }
}
