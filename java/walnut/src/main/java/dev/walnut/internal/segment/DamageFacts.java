package dev.walnut.internal.segment;

import dev.walnut.internal.segment.InspectionListener.Verdict;
import java.nio.file.Path;

/**
 * A place where a log does not hold what it should, and which entries that concerns.
 *
 * @param file the file, which may be what is missing
 * @param offset where, in bytes
 * @param expected what should be there
 * @param found what is there
 * @param verdict how to take it
 * @param firstIndex the first index that may be concerned, or -1 if unknown
 * @param lastIndex the last index that may be concerned, or -1 if unknown
 */
public record DamageFacts(
    Path file,
    long offset,
    String expected,
    String found,
    Verdict verdict,
    long firstIndex,
    long lastIndex) {

  /** Whether it is more than what a crash tears and opening mends. */
  public boolean isDamage() {
    return verdict == Verdict.CORRUPT || verdict == Verdict.UNSUPPORTED;
  }

  boolean isAt(Path otherFile, long otherOffset) {
    return offset == otherOffset && file.equals(otherFile);
  }

  DamageFacts as(Verdict other) {
    return new DamageFacts(file, offset, expected, found, other, firstIndex, lastIndex);
  }

  DamageFacts over(long first, long last) {
    return new DamageFacts(file, offset, expected, found, verdict, first, last);
  }
}
