package dev.walnut.internal.segment;

import java.nio.file.Path;

/**
 * Bytes that are lost, in which entries written before may have been tombstoned or truncated.
 *
 * @param file the file, which may be missing
 * @param from where the bytes start
 * @param to where they end; −1 if the whole file is missing
 * @param entries how many kept entries were written before
 * @param firstIndex the smallest of their indexes
 * @param lastIndex the largest of their indexes
 */
public record Uncertain(
    Path file, long from, long to, long entries, long firstIndex, long lastIndex) {}
