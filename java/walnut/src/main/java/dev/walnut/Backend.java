package dev.walnut;

/** What carries out writes and syncs. All write the same bytes and read each other's files. */
public enum Backend {
  /**
   * {@link #NATIVE} where it can be loaded, else {@link #JAVA}; the choice and its reason are in
   * {@link WalStats}. The system property {@code walnut.native}, {@code on} or {@code off},
   * decides.
   */
  AUTO,

  /** The C layer. Opening fails if it cannot be loaded. */
  NATIVE,

  /** {@link java.nio.channels.FileChannel}. */
  JAVA
}
