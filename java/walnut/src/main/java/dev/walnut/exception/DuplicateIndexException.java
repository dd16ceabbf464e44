package dev.walnut.exception;

/** The index is taken. Nothing was written; the entry that has it is unchanged. */
public final class DuplicateIndexException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final long index;

  /**
   * @param index the index that is taken
   */
  public DuplicateIndexException(long index) {
    super("write index " + index + ": the log already holds an entry with this index");
    this.index = index;
  }

  /** The index that is taken. */
  public long index() {
    return index;
  }
}
