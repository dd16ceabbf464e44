package dev.walnut.exception;

import java.nio.file.Path;

/**
 * Bytes that were durable are now wrong, missing or mixed up. Nothing was modified and nothing is
 * returned in their place.
 */
public final class CorruptLogException extends WalException {
  private static final long serialVersionUID = 1;

  private final transient Path file;
  private final long offset;
  private final String expected;
  private final String found;
  private final long firstIndex;
  private final long lastIndex;

  /**
   * @param operation what was being done: {@code "open"}, {@code "get 17"}
   * @param file the damaged, or missing, file
   * @param offset where the damage starts, in bytes from the start of the file
   * @param expected what should be there
   * @param found what is there
   * @param firstIndex the first index that may be lost, or -1 if unknown
   * @param lastIndex the last index that may be lost, or -1 if unknown
   */
  public CorruptLogException(
      String operation,
      Path file,
      long offset,
      String expected,
      String found,
      long firstIndex,
      long lastIndex) {
    super(
        operation
            + " "
            + file
            + " at offset "
            + offset
            + ": expected "
            + expected
            + ", found "
            + found
            + "; affected: "
            + range(firstIndex, lastIndex));
    this.file = file;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
    this.firstIndex = firstIndex;
    this.lastIndex = lastIndex;
  }

  private static String range(long first, long last) {
    if (first < 0) {
      return "unknown indexes";
    }
    return last < 0 ? "indexes from " + first : "indexes " + first + " to " + last;
  }

  /** The damaged, or missing, file; null after deserialization. */
  public Path file() {
    return file;
  }

  /** Where the damage starts, in bytes from the start of the file. */
  public long offset() {
    return offset;
  }

  /** What should be there. */
  public String expected() {
    return expected;
  }

  /** What is there. */
  public String found() {
    return found;
  }

  /** The first index that may be lost, or -1 if unknown. */
  public long firstIndex() {
    return firstIndex;
  }

  /** The last index that may be lost, or -1 if unknown. */
  public long lastIndex() {
    return lastIndex;
  }
}
