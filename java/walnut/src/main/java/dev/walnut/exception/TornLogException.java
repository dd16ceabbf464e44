package dev.walnut.exception;

import java.nio.file.Path;

/**
 * A crash tore the end of the log, which is set to refuse that rather than cut it off. Nothing was
 * modified. This is no corruption: nothing of what is torn was ever durable, and opening the log
 * with healing allowed cuts it off, and keeps it aside in a file.
 */
public final class TornLogException extends WalException {
  private static final long serialVersionUID = 1;

  private final transient Path file;
  private final long offset;
  private final String expected;
  private final String found;

  /**
   * @param operation what was being done: {@code "open"}
   * @param file the torn file
   * @param offset where the log ends in it, in bytes from the start of the file
   * @param expected what would be there if nothing were torn
   * @param found what is there
   */
  public TornLogException(String operation, Path file, long offset, String expected, String found) {
    super(
        operation
            + " "
            + file
            + " at offset "
            + offset
            + ": a crash tore the end of the log: expected "
            + expected
            + ", found "
            + found);
    this.file = file;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }

  /** The torn file; null after deserialization. */
  public Path file() {
    return file;
  }

  /** Where the log ends in it, in bytes from the start of the file. */
  public long offset() {
    return offset;
  }

  /** What would be there if nothing were torn. */
  public String expected() {
    return expected;
  }

  /** What is there. */
  public String found() {
    return found;
  }
}
