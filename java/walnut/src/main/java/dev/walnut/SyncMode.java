package dev.walnut;

/** When a write is acknowledged. */
public enum SyncMode {
  /**
   * Acknowledged when the operating system has the bytes: survives a killed process, not a power
   * cut. Nothing is synced but what asks for it, by a {@code WithSync} call or {@link Wal#sync}.
   */
  NONE,

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
