package dev.walnut;

/** When a write is acknowledged. */
public enum SyncMode {
  /**
   * Acknowledged when the operating system has the bytes: survives a killed process, not a power
   * cut. Nothing is synced but what asks for it, by a {@code WithSync} call or {@link Wal#sync}.
   */
  NONE,

  /**
   * Acknowledged as in {@link #NONE}; and what was written is synced at most {@link
   * WalConfig#syncInterval} after the first entry that is not, so that a power cut takes no more
   * than that. A sync that fails fails the log: what was acknowledged since the last one may be
   * lost. Where nothing is unsynced, nothing is synced.
   */
  INTERVAL,

  /**
   * Acknowledged when durable. One sync covers a whole batch, so writes that arrive during a sync
   * share the next.
   */
  BATCH,

  /**
   * The same promise as {@link #BATCH}, with a sync of its own for every write. It is slower under
   * load and no safer: choose {@link #BATCH}.
   */
  EVERY_WRITE
}
