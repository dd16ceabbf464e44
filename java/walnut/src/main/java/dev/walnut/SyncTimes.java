package dev.walnut;

import java.util.Arrays;

/**
 * How long the syncs of a log took: those of batches, each measured with the write that it covers,
 * since one call may do both. An immutable snapshot; counts are since the log was opened.
 *
 * <p>Times are counted in buckets, of which each reaches twice as far as the one before: bucket 0
 * to 1 µs, bucket 1 to 2 µs, and so on to 16.8 s. The last takes whatever is longer.
 */
public final class SyncTimes {
  static final int BUCKETS = 26;
  private static final long FIRST_BOUND_NANOS = 1000;

  private final long[] counts;
  private final long totalNanos;
  private final long maxNanos;

  SyncTimes(long[] counts, long totalNanos, long maxNanos) {
    this.counts = counts.clone();
    this.totalNanos = totalNanos;
    this.maxNanos = maxNanos;
  }

  /** The bucket that a time belongs to. */
  static int bucketOf(long nanos) {
    if (nanos <= FIRST_BOUND_NANOS) {
      return 0;
    }
    int doublings = Long.SIZE - Long.numberOfLeadingZeros((nanos - 1) / FIRST_BOUND_NANOS);
    return Math.min(doublings, BUCKETS - 1);
  }

  /** Syncs measured. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /** The time of all of them, in nanoseconds. */
  public long totalNanos() {
    return totalNanos;
  }

  /** The time of the longest, in nanoseconds; 0 before the first. */
  public long maxNanos() {
    return maxNanos;
  }

  /** The average, in nanoseconds; 0 before the first. */
  public long meanNanos() {
    long count = count();
    return count == 0 ? 0 : totalNanos / count;
  }

  /** The number of buckets. */
  public int buckets() {
    return BUCKETS;
  }

  /**
   * The longest time that a bucket takes, in nanoseconds; {@code Long.MAX_VALUE} for the last.
   *
   * @param bucket 0 to {@link #buckets} − 1
   */
  public long boundNanos(int bucket) {
    requireBucket(bucket);
    return bucket == BUCKETS - 1 ? Long.MAX_VALUE : FIRST_BOUND_NANOS << bucket;
  }

  /**
   * Syncs that took no longer than {@link #boundNanos} of a bucket says.
   *
   * @param bucket 0 to {@link #buckets} − 1
   */
  public long countUpTo(int bucket) {
    requireBucket(bucket);
    return Arrays.stream(counts, 0, bucket + 1).sum();
  }

  /**
   * A time that such a part of all syncs did not exceed, in nanoseconds: the bound of its bucket,
   * so it is less than twice too large. 0 before the first sync.
   *
   * @param part 0 to 1; 0.99 for the 99th percentile
   */
  public long quantileNanos(double part) {
    if (!(part >= 0 && part <= 1)) {
      throw new IllegalArgumentException("part: " + part + " is out of range: 0 to 1");
    }
    long wanted = (long) Math.ceil(part * count());
    int bucket = 0;
    while (bucket < BUCKETS - 1 && countUpTo(bucket) < wanted) {
      bucket++;
    }
    return Math.min(boundNanos(bucket), maxNanos);
  }

  private static void requireBucket(int bucket) {
    if (bucket < 0 || bucket >= BUCKETS) {
      throw new IllegalArgumentException(
          "bucket: " + bucket + " is out of range: 0 to " + (BUCKETS - 1));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SyncTimes that
        && totalNanos == that.totalNanos
        && maxNanos == that.maxNanos
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(totalNanos) + Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "SyncTimes{count="
        + count()
        + ", meanNanos="
        + meanNanos()
        + ", p99Nanos="
        + quantileNanos(0.99)
        + ", maxNanos="
        + maxNanos
        + '}';
  }
}
