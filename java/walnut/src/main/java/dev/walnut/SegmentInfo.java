package dev.walnut;

import java.nio.file.Path;

/**
 * What a segment says of itself, in its header and its footer.
 *
 * @param file its file
 * @param number its number, by its name
 * @param fileBytes the size of the file, in bytes
 * @param header what the header block is worth; if not {@code OK}, what it would say is 0
 * @param commit whether it was started by creating a log, or ending one behind damage, rather than
 *     by rotation
 * @param createdMillis when, in milliseconds since 1970
 * @param firstSequence the sequence its first record takes
 * @param oldestKept the number of the oldest segment kept
 * @param durableThrough the sequence up to which, by the header, all was durable
 * @param footer what the footer is worth; only sealed and cleanly closed segments have one
 * @param footerEntries entries alive at the segment's last record, by the footer
 * @param footerFirstIndex the smallest of their indexes
 * @param footerLastIndex the largest of their indexes
 */
public record SegmentInfo(
    Path file,
    int number,
    long fileBytes,
    CheckResult header,
    boolean commit,
    long createdMillis,
    long firstSequence,
    int oldestKept,
    long durableThrough,
    CheckResult footer,
    int footerEntries,
    long footerFirstIndex,
    long footerLastIndex) {}
