package dev.walnut;

import java.nio.file.Path;

/**
 * A batch: what the log wrote with one write.
 *
 * @param file the segment's file
 * @param offset where it starts, in bytes
 * @param bytes its length, header and padding included
 * @param mark whether it carries no entries, but only the word that what came before is durable
 * @param firstSequence the sequence of its first record
 * @param records how many records it has
 * @param durableThrough the sequence up to which all was durable when it was written
 * @param chained whether it follows from the batch before it
 * @param body what its body is worth
 */
public record BatchInfo(
    Path file,
    long offset,
    long bytes,
    boolean mark,
    long firstSequence,
    int records,
    long durableThrough,
    boolean chained,
    CheckResult body) {}
