package dev.walnut;

import java.nio.file.Path;

/**
 * A place where a log does not hold what it should.
 *
 * @param file the file, which may be what is missing
 * @param offset where, in bytes from the start of the file
 * @param sequence the sequence of the first record concerned; 0 if none can be named
 * @param expected what should be there
 * @param found what is there
 * @param verdict how to take it
 */
public record Finding(
    Path file, long offset, long sequence, String expected, String found, Verdict verdict) {

  /** How a finding has to be taken. */
  public enum Verdict {
    /**
     * A crash interrupted it, or a writer is at it now; nothing durable is concerned. So is every
     * damage to a footer: opening makes it again from the batches.
     */
    TORN,
    /** It was durable, and is wrong. */
    CORRUPT,
    /** Cut off by an earlier opening of the log; of no concern. */
    DEAD,
    /** A newer version wrote it. */
    UNSUPPORTED
  }

  /** Whether it is more than what a crash tears and opening mends. */
  public boolean isDamage() {
    return verdict == Verdict.CORRUPT || verdict == Verdict.UNSUPPORTED;
  }
}
