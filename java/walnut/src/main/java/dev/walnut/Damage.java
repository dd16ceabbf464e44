package dev.walnut;

import java.nio.file.Path;

/**
 * A place where a log does not hold what it should, and which entries that may concern.
 *
 * @param file the file, which may be what is missing
 * @param offset where, in bytes from the start of the file
 * @param expected what should be there
 * @param found what is there
 * @param kind how to take it
 * @param firstIndex the first index that may be concerned, or -1 if unknown; told by the entries
 *     around it, as long as indexes follow one another
 * @param lastIndex the last index that may be concerned, or -1 if unknown
 */
public record Damage(
    Path file,
    long offset,
    String expected,
    String found,
    Kind kind,
    long firstIndex,
    long lastIndex) {

  /** What a damage is. */
  public enum Kind {
    /** It was durable, and is wrong. */
    CORRUPT,
    /**
     * A crash interrupted it, or a writer is at it now; nothing durable is concerned. So is a
     * footer that is damaged: opening makes it again from the batches.
     */
    TORN,
    /** A newer version wrote it. */
    UNSUPPORTED
  }
}
