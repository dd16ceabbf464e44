package dev.walnut.exception;

/** The index is not one that the log can take next. Nothing was written. */
public final class NonSequentialIndexException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final long index;
  private final long expected;

  /**
   * @param index the index given
   * @param expected the index, or the smallest index, that would have been taken
   * @param rule the rule that was broken
   */
  public NonSequentialIndexException(long index, long expected, String rule) {
    super("write index " + index + ": expected " + expected + ": " + rule);
    this.index = index;
    this.expected = expected;
  }

  /** The index given. */
  public long index() {
    return index;
  }

  /** The index, or the smallest index, that would have been taken. */
  public long expected() {
    return expected;
  }
}
