package dev.walnut;

/** How large a batch grows and how long it is kept open. Has no clock and no state. */
final class BatchPolicy {
  /** A write call shared by so many costs each of them next to nothing. */
  private static final int GATHERED = 100;

  private final int requestsMax;
  private final int gatheredMax;
  private final long bytesMax;
  private final long delayNanosMax;

  BatchPolicy(WalConfig config) {
    requestsMax = requestsMax(config);
    bytesMax = config.maxBatchBytes();
    // Where batches are synced, whatever arrives during one sync shares the next.
    gatheredMax = config.acknowledgesDurable() ? 0 : gatheredMax(config);
    // Where nothing is synced, a batch kept open would only delay its writes.
    delayNanosMax = config.acknowledgesDurable() ? config.maxBatchDelay().toNanos() : 0;
  }

  /** Who waits for room in the queue is let in when it is half empty. */
  private static int gatheredMax(WalConfig config) {
    return Math.min(GATHERED, Math.min(requestsMax(config), config.writeQueueSize() / 2));
  }

  private static int requestsMax(WalConfig config) {
    if (config.syncMode() == SyncMode.EVERY_WRITE) {
      return 1;
    }
    return config.maxBatchSize() == 0 ? Integer.MAX_VALUE : config.maxBatchSize();
  }

  /** Whether a batch that has so many requests and record bytes takes one more request. */
  boolean admits(int requests, long pendingBytes, long recordBytes) {
    return requests == 0
        || (requests < requestsMax
            && (pendingBytes == 0 || pendingBytes + recordBytes <= bytesMax));
  }

  /** Whether a batch of futures is worth a look at what else is coming. */
  boolean gathersMore(int queued) {
    return queued < gatheredMax;
  }

  /**
   * How long to wait, at most, for callers that were just acknowledged to come back.
   *
   * @param expected callers that may be about to share the batch
   * @param queued requests there are already
   * @param lastSyncNanos how long the last sync took
   */
  long delayNanos(int expected, int queued, long lastSyncNanos) {
    boolean full = queued >= Math.min(expected, requestsMax);
    return expected <= 1 || full ? 0 : Math.min(delayNanosMax, lastSyncNanos / 2);
  }
}
