package dev.walnut;

/**
 * A log as JMX shows it, under the name {@code dev.walnut:type=Wal,dir="…",prefix="…"} with the
 * absolute directory. Registered if {@link WalConfig.Builder#registerMBean} asks for it, from
 * opening to closing. Reading an attribute costs the log nothing.
 *
 * <p>Counts are since the log was opened. What each figure means is said at {@link WalStats}.
 */
public interface WalMXBean {
  /** {@code "native"} or {@code "java"}. */
  String getBackend();

  /** Why this back end was chosen. */
  String getBackendReason();

  /** Whether the log takes no more writes. */
  boolean isFailed();

  /** The first failure; empty if there is none. */
  String getFailure();

  /** The smallest index; last + 1 if the log is empty. May read a file. */
  long getFirstIndex();

  /** The last index. */
  long getLastIndex();

  /** The index up to which everything is durable. */
  long getDurableIndex();

  /** Requests taken. */
  long getRequests();

  /** Batches written. */
  long getBatches();

  /** Entries and tombstones in them. */
  long getEntries();

  /** The most entries that one batch had. */
  long getEntriesPerBatchMax();

  /** Bytes written for them. */
  long getBytesWritten();

  /** Calls that made something durable, whichever file. */
  long getSyncs();

  /** How long the last sync of a batch took, with its write; as do those below. */
  long getLastSyncNanos();

  /** The average. */
  long getMeanSyncNanos();

  /** What 99 of 100 did not exceed; up to twice too large. */
  long getPercentile99SyncNanos();

  /** The longest. */
  long getMaxSyncNanos();

  /** The time of all. */
  long getTotalSyncNanos();

  /** For how long one has been under way at this moment. */
  long getRunningSyncNanos();

  /** Syncs slower than {@link WalConfig#slowSyncThreshold}. */
  long getSlowSyncs();

  /** Requests waiting to be written. */
  int getQueuedRequests();

  /** Their keys and values. */
  long getQueuedBytes();

  /** Waits of callers for room in the queue. */
  long getStalls();

  /** How long they waited. */
  long getStalledNanos();

  /** Batches that waited for background work. */
  long getHousekeeperStalls();

  /** How long they waited. */
  long getHousekeeperStalledNanos();

  /** Requests refused because the queue was full. */
  long getQueueFullRefusals();

  /** Segments started. */
  long getRotations();

  /** Segments that hold the log. */
  int getSegments();

  /** Bytes of them. */
  long getLogBytes();

  /** Segments deleted by retention, truncation or reset. */
  long getSegmentsDeleted();

  /** Background work not finished. */
  int getChoresPending();

  /** How long opening took. */
  long getOpenNanos();

  /** Bytes that opening cut off because a crash had torn them. */
  long getCutBytes();
}
