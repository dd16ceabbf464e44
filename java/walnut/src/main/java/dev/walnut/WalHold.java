package dev.walnut;

import dev.walnut.internal.segment.EntryStore;

/**
 * Keeps entries from being taken away at the front, until it is closed. Made by {@link Wal#hold};
 * safe for use by any number of threads.
 *
 * <pre>{@code
 * try (WalHold hold = wal.hold(snapshotIndex + 1)) {
 *   sendAll(wal.cursor(hold.fromIndex()));
 * }
 * }</pre>
 */
public final class WalHold implements AutoCloseable {
  private final EntryStore.Hold hold;

  WalHold(EntryStore.Hold hold) {
    this.hold = hold;
  }

  /**
   * The first index held: the one asked for, or a larger one if {@link Wal#truncateBefore} had
   * given up what lies below it already.
   */
  public long fromIndex() {
    return hold.fromIndex();
  }

  /**
   * Gives the hold up. Idempotent, also behind the closing of the log. Nothing is deleted by this
   * itself: retention acts when the next segment is started, truncation when it is asked for again.
   */
  @Override
  public void close() {
    hold.release();
  }
}
