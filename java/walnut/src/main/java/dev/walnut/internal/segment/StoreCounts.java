package dev.walnut.internal.segment;

/**
 * What a store has done since it was opened; figures of one moment, each exact by itself.
 *
 * @param batches batches written, marks not counted
 * @param entries entries in them
 * @param bytesWritten bytes written for them, headers and padding included
 * @param syncs calls that made something durable, whichever file and way; a write that is durable
 *     by itself counts as one
 * @param marks marks written
 * @param rotations segments started since opening
 * @param segments segments that hold the log now
 * @param segmentsDeleted segments deleted by retention, truncation or reset
 * @param logBytes bytes of the segments that hold the log: headers, batches and padding, without
 *     what lies behind a segment's last batch
 * @param tailNumber the number of the segment that is written to
 */
public record StoreCounts(
    long batches,
    long entries,
    long bytesWritten,
    long syncs,
    long marks,
    long rotations,
    int segments,
    long segmentsDeleted,
    long logBytes,
    int tailNumber) {}
