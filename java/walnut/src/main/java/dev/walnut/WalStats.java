package dev.walnut;

import java.util.List;
import java.util.Optional;

/**
 * Figures of one moment; counts are since the log was opened. Each is exact by itself, while two of
 * them may be an instant apart.
 *
 * @param backend {@code "native"} or {@code "java"}
 * @param backendReason why this back end was chosen
 * @param requests requests taken from the queue or written by their caller: writes, write batches,
 *     tombstones, truncations, syncs
 * @param batches batches written, each with one write call
 * @param entries entries and tombstones in them
 * @param bytesWritten bytes written for them, headers and padding included
 * @param syncs calls that made something durable, whichever file
 * @param entriesPerBatchMax the most entries that one batch had
 * @param queuedRequests requests waiting to be written
 * @param queuedBytes their keys and values, in bytes
 * @param lastSyncNanos how long the last batch with a sync took, in nanoseconds; 0 before the first
 * @param slowSyncs syncs slower than {@link WalConfig#slowSyncThreshold}
 * @param writesRefusedForSpace writes refused with {@link dev.walnut.exception.NoSpaceException};
 *     nothing of them was written
 * @param outOfSpace whether the last write was so refused: the log can be read, and writes again by
 *     itself once there is room
 * @param rotations segments started
 * @param segments segments that hold the log now
 * @param segmentsDeleted segments deleted by retention, truncation or reset
 * @param choresPending pieces of background work taken and not finished
 * @param holds where the holds that are taken begin, smallest first; see {@link Wal#hold}
 * @param failure the first failure, after which the log takes no more writes
 * @param syncTimes how long the syncs of batches took
 * @param runningSyncNanos for how long a batch's write and sync has been under way at this moment,
 *     in nanoseconds; 0 if none is
 * @param stalls waits of callers for room in the queue, as many as got it
 * @param stalledNanos how long they waited, in nanoseconds
 * @param housekeeperStalls batches that waited until enough background work was done
 * @param housekeeperStalledNanos how long they waited, in nanoseconds
 * @param queueFullRefusals requests refused because the queue was full, with {@link WhenFull#FAIL}
 * @param logBytes bytes of the log's segments, up to the last batch of each
 * @param openNanos how long opening took, in nanoseconds
 */
public record WalStats(
    String backend,
    String backendReason,
    long requests,
    long batches,
    long entries,
    long bytesWritten,
    long syncs,
    long entriesPerBatchMax,
    int queuedRequests,
    long queuedBytes,
    long lastSyncNanos,
    long slowSyncs,
    long writesRefusedForSpace,
    boolean outOfSpace,
    long rotations,
    int segments,
    long segmentsDeleted,
    int choresPending,
    List<Long> holds,
    Optional<Throwable> failure,
    SyncTimes syncTimes,
    long runningSyncNanos,
    long stalls,
    long stalledNanos,
    long housekeeperStalls,
    long housekeeperStalledNanos,
    long queueFullRefusals,
    long logBytes,
    long openNanos) {

  /** Entries in a batch on average; 0 before the first batch. */
  public double entriesPerBatch() {
    return batches == 0 ? 0 : (double) entries / batches;
  }
}
