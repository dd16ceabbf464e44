package dev.walnut.internal.segment;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What opening found and did.
 *
 * @param created whether the log is new
 * @param segments segments kept
 * @param segmentsScanned segments read batch by batch rather than opened from their footer
 * @param bytesScanned bytes read in doing so
 * @param lastSequence the last sequence recovered
 * @param cutBytes bytes cut off because a crash had torn them; 0 if none
 * @param cutFile where the cut starts, or null
 * @param cutOffset the offset of the cut in that file
 * @param keptAside files that hold what was cut
 * @param removed dead files removed, those among them whose creation was interrupted
 */
public record RecoverySummary(
    boolean created,
    int segments,
    int segmentsScanned,
    long bytesScanned,
    long lastSequence,
    long cutBytes,
    @Nullable Path cutFile,
    long cutOffset,
    List<Path> keptAside,
    List<Path> removed) {}
