package dev.walnut.internal.segment;

/**
 * The two ends of a logical log.
 *
 * @param floor indexes below it are refused
 * @param last the last index ever, unless truncation took it back
 */
record IndexBounds(long floor, long last) {
  static final IndexBounds FRESH = new IndexBounds(0, 0);

  boolean isPlausible() {
    return floor >= 0 && last >= floor - 1;
  }
}
