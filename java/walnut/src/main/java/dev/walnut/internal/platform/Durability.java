package dev.walnut.internal.platform;

/** What a write owes the disk before it returns. */
public enum Durability {
  /** Nothing: the operating system has the bytes. */
  NONE,
  /** Everything written to the file so far is durable. */
  FILE,
  /**
   * The bytes of this write are durable; earlier ones of the same file need not be. Only right when
   * nothing before them is unsynced. A body may do more, as for {@link #FILE}.
   */
  RANGE
}
