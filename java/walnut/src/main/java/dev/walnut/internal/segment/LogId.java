package dev.walnut.internal.segment;

/** 128 random bits that every segment of a log carries. */
record LogId(long low, long high) {

  @Override
  public String toString() {
    return String.format("%016x%016x", high, low);
  }
}
