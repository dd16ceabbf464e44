package dev.walnut;

/** Which indexes a log takes. */
public enum IndexOrder {
  /** Any index that the log does not hold yet, in any order. */
  UNIQUE,

  /** The last index plus one and no other; a fresh log starts at 1. */
  SEQUENTIAL
}
