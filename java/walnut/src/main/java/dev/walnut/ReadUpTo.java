package dev.walnut;

/** How far a cursor goes. */
public enum ReadUpTo {
  /**
   * To the last entry that is visible. With {@link SyncMode#NONE} a power cut may still take it
   * back, and so it may a writer in another process.
   */
  VISIBLE,

  /** To the durable point: nothing it shows is ever taken back by a crash. */
  DURABLE
}
