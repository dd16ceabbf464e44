package dev.walnut;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How a log is opened. Immutable; made by {@link #builder} or {@link #forDatabase}.
 *
 * <p><b>Mind the defaults of {@link #builder}</b>: they keep the newest 4 001 to 5 000 small
 * entries, delete older ones and sync nothing. A log that something depends on starts from {@link
 * #forDatabase}.
 */
public final class WalConfig {
  static final int MIB = 1 << 20;
  private static final int BYTES_MAX = 1 << 30;

  private final Path dir;
  private final String prefix;
  private final int segmentThreshold;
  private final long segmentBytes;
  private final int maxSegments;
  private final long retainBytes;
  private final Duration retainFor;
  private final SyncMode syncMode;
  private final Duration syncInterval;
  private final int maxBatchSize;
  private final int maxBatchBytes;
  private final Duration maxBatchDelay;
  private final int writeQueueSize;
  private final long writeQueueBytes;
  private final WhenFull whenFull;
  private final IndexOrder indexOrder;
  private final Backend backend;
  private final int maxEntryBytes;
  private final int maxWriteBatchBytes;
  private final int maxOpenSegments;
  private final Duration slowSyncThreshold;
  private final @Nullable Executor callbackExecutor;
  private final OpenCheck openCheck;
  private final boolean registersMBean;
  private final RecoveryMode recovery;

  private WalConfig(Builder builder) {
    dir = builder.dir;
    prefix = builder.prefix;
    segmentThreshold = builder.segmentThreshold;
    segmentBytes = builder.segmentBytes;
    maxSegments = builder.maxSegments;
    retainBytes = builder.retainBytes;
    retainFor = builder.retainFor;
    syncMode = builder.syncMode;
    syncInterval = builder.syncInterval;
    maxBatchSize = builder.maxBatchSize;
    maxBatchBytes = builder.maxBatchBytes;
    maxBatchDelay = builder.maxBatchDelay;
    writeQueueSize = builder.writeQueueSize;
    writeQueueBytes = builder.writeQueueBytes;
    whenFull = builder.whenFull;
    indexOrder = builder.indexOrder;
    backend = builder.backend;
    maxEntryBytes = builder.maxEntryBytes;
    maxWriteBatchBytes = builder.maxWriteBatchBytes;
    maxOpenSegments = builder.maxOpenSegments;
    slowSyncThreshold = builder.slowSyncThreshold;
    callbackExecutor = builder.callbackExecutor;
    openCheck = builder.openCheck;
    registersMBean = builder.registersMBean;
    recovery = builder.recovery;
  }

  /**
   * Returns a builder with the defaults named at its setters.
   *
   * @param dir the log's directory; created, with missing parents, when the log is opened
   */
  public static Builder builder(Path dir) {
    return new Builder(dir);
  }

  /**
   * Returns a builder preset for a log that something depends on: it keeps every segment, rolls
   * segments by bytes alone, acknowledges only what is durable, and takes only consecutive indexes.
   *
   * <p>That is {@code maxSegments(0)}, {@code syncMode(BATCH)}, {@code indexOrder(SEQUENTIAL)},
   * {@code segmentThreshold(0)}, {@code maxBatchSize(0)}, {@code maxBatchBytes(4 MiB)} and {@code
   * writeQueueSize(65 536)}.
   *
   * @param dir the log's directory; created, with missing parents, when the log is opened
   */
  public static Builder forDatabase(Path dir) {
    return new Builder(dir)
        .maxSegments(0)
        .syncMode(SyncMode.BATCH)
        .indexOrder(IndexOrder.SEQUENTIAL)
        .segmentThreshold(0)
        .maxBatchSize(0)
        .maxBatchBytes(4 * MIB)
        .writeQueueSize(65_536);
  }

  /** The log's directory. */
  public Path dir() {
    return dir;
  }

  /** How the names of the log's files start. */
  public String prefix() {
    return prefix;
  }

  /** Entries a segment takes; 0 = no limit by count. */
  public int segmentThreshold() {
    return segmentThreshold;
  }

  /** Bytes a segment takes. */
  public long segmentBytes() {
    return segmentBytes;
  }

  /** Segments kept; 0 = all. */
  public int maxSegments() {
    return maxSegments;
  }

  /** Bytes kept when a segment is started; 0 = all. */
  public long retainBytes() {
    return retainBytes;
  }

  /** How long entries are kept at least, before age alone deletes them; zero = for good. */
  public Duration retainFor() {
    return retainFor;
  }

  /** When a write is acknowledged. */
  public SyncMode syncMode() {
    return syncMode;
  }

  /** How long an entry stays unsynced, at most, with {@link SyncMode#INTERVAL}. */
  public Duration syncInterval() {
    return syncInterval;
  }

  /** Requests a batch takes; 0 = no limit by count. */
  public int maxBatchSize() {
    return maxBatchSize;
  }

  /** Record bytes a batch takes. */
  public int maxBatchBytes() {
    return maxBatchBytes;
  }

  /** The longest a batch is kept open. */
  public Duration maxBatchDelay() {
    return maxBatchDelay;
  }

  /** Requests the write queue takes. */
  public int writeQueueSize() {
    return writeQueueSize;
  }

  /** Key and value bytes the write queue takes. */
  public long writeQueueBytes() {
    return writeQueueBytes;
  }

  /** What a write does that finds the queue full. */
  public WhenFull whenFull() {
    return whenFull;
  }

  /** Which indexes the log takes. */
  public IndexOrder indexOrder() {
    return indexOrder;
  }

  /** What carries out writes and syncs. */
  public Backend backend() {
    return backend;
  }

  /** The largest entry: UTF-8 bytes of its key plus bytes of its value. */
  public int maxEntryBytes() {
    return maxEntryBytes;
  }

  /** The largest write batch: keys, values, and 32 bytes for each entry. */
  public int maxWriteBatchBytes() {
    return maxWriteBatchBytes;
  }

  /** Sealed segments whose files are kept open for reading. */
  public int maxOpenSegments() {
    return maxOpenSegments;
  }

  /** A sync that takes longer is logged. */
  public Duration slowSyncThreshold() {
    return slowSyncThreshold;
  }

  /** Runs the callbacks of returned futures; null: the log's completion thread does. */
  public @Nullable Executor callbackExecutor() {
    return callbackExecutor;
  }

  /** How much opening reads. */
  public OpenCheck openCheck() {
    return openCheck;
  }

  /** Whether the log is registered with JMX while it is open. */
  public boolean registersMBean() {
    return registersMBean;
  }

  /** What opening does with a torn end. */
  public RecoveryMode recovery() {
    return recovery;
  }

  /** Whether every write is durable when it is acknowledged. */
  boolean acknowledgesDurable() {
    return syncMode == SyncMode.BATCH || syncMode == SyncMode.EVERY_WRITE;
  }

  @Override
  public String toString() {
    return "WalConfig{dir=" + dir + ", prefix=" + prefix + ", syncMode=" + syncMode + '}';
  }

  /** Collects settings; each setter checks its value and returns this builder. */
  public static final class Builder {
    private final Path dir;
    private String prefix = "segment_";
    private int segmentThreshold = 1000;
    private long segmentBytes = 64L * MIB;
    private int maxSegments = 5;
    private long retainBytes;
    private Duration retainFor = Duration.ZERO;
    private SyncMode syncMode = SyncMode.NONE;
    private Duration syncInterval = Duration.ofSeconds(1);
    private int maxBatchSize = 100;
    private int maxBatchBytes = MIB;
    private Duration maxBatchDelay = Duration.ofMillis(10);
    private int writeQueueSize = 1000;
    private long writeQueueBytes = 64L * MIB;
    private WhenFull whenFull = WhenFull.WAIT;
    private IndexOrder indexOrder = IndexOrder.UNIQUE;
    private Backend backend = Backend.AUTO;
    private int maxEntryBytes = 64 * MIB;
    private int maxWriteBatchBytes = 256 * MIB;
    private int maxOpenSegments = 64;
    private Duration slowSyncThreshold = Duration.ofSeconds(1);
    private @Nullable Executor callbackExecutor;
    private OpenCheck openCheck = OpenCheck.FOOTERS;
    private boolean registersMBean;
    private RecoveryMode recovery = RecoveryMode.HEAL;

    private Builder(Path dir) {
      this.dir = Objects.requireNonNull(dir, "dir");
    }

    /**
     * How the names of the log's files start, so that several logs can share a directory. Default:
     * {@code segment_}.
     *
     * @param prefix not empty; no separator, no digit at the end
     */
    public Builder prefix(String prefix) {
      Objects.requireNonNull(prefix, "prefix");
      if (prefix.isEmpty()) {
        throw refused("prefix", "\"\"", "at least one character");
      }
      if (!isFileName(prefix)) {
        throw refused("prefix", '"' + prefix + '"', "a plain file name: no '/', '\\' or NUL");
      }
      if (Character.isDigit(prefix.charAt(prefix.length() - 1))) {
        throw refused("prefix", '"' + prefix + '"', "no digit at the end");
      }
      this.prefix = prefix;
      return this;
    }

    private static boolean isFileName(String prefix) {
      return prefix.indexOf('/') < 0 && prefix.indexOf('\\') < 0 && prefix.indexOf('\0') < 0;
    }

    /**
     * Entries a segment takes before the next is started. Default: 1000.
     *
     * @param entries 0 (by bytes alone) to {@link Integer#MAX_VALUE}
     */
    public Builder segmentThreshold(int entries) {
      segmentThreshold =
          (int) inRange("segmentThreshold", entries, 0, Integer.MAX_VALUE, "entries");
      return this;
    }

    /**
     * Bytes a segment takes before the next is started. Default: 64 MiB. A larger entry or write
     * batch gets a segment of its own.
     *
     * @param bytes 8 KiB to 1 GiB
     */
    public Builder segmentBytes(long bytes) {
      segmentBytes = inRange("segmentBytes", bytes, 1 << 13, BYTES_MAX, "bytes");
      return this;
    }

    /**
     * Segments kept: <b>older ones are deleted, with their entries, when a new one is started</b>.
     * Segments whose entries were all truncated away do not count. The first deletion in an open
     * log is logged as a warning. Default: 5.
     *
     * <p>Of {@code maxSegments}, {@link #retainBytes} and {@link #retainFor}, whichever says so
     * deletes. They act only when a segment is started, never at opening; segments go whole, the
     * oldest first. {@link Wal#retentionPreview} tells what would go.
     *
     * @param segments 0 (all are kept) to {@link Integer#MAX_VALUE}
     */
    public Builder maxSegments(int segments) {
      maxSegments = (int) inRange("maxSegments", segments, 0, Integer.MAX_VALUE, "segments");
      return this;
    }

    /**
     * Bytes kept: when a new segment is started, <b>the oldest ones are deleted, with their
     * entries</b>, until the others hold no more than this, truncated entries included. The log
     * then grows by the new segment, and by footers and space made ahead. Default: 0, no limit; see
     * also {@link #maxSegments}.
     *
     * @param bytes 0 (all are kept) to 1 EiB
     */
    public Builder retainBytes(long bytes) {
      retainBytes = inRange("retainBytes", bytes, 0, 1L << 60, "bytes");
      return this;
    }

    /**
     * How long entries are kept: when a new segment is started, <b>those are deleted whose newest
     * entry is older</b>. Default: zero, no limit; see also {@link #maxSegments}.
     *
     * <p>Late rather than early: a segment counts as old as the one after it, and as the clock
     * stands. A segment that seems to be of the future counts as made just now, and keeps those
     * after it. This is the one setting that reads the wall clock; a clock that jumps ahead makes
     * every segment older.
     *
     * @param age 0 (they are kept for good) to 36 500 days
     */
    public Builder retainFor(Duration age) {
      retainFor = inRange("retainFor", age, Duration.ZERO, Duration.ofDays(36_500));
      return this;
    }

    /** When a write is acknowledged. Default: {@link SyncMode#NONE}. */
    public Builder syncMode(SyncMode mode) {
      syncMode = Objects.requireNonNull(mode, "syncMode");
      return this;
    }

    /**
     * With {@link SyncMode#INTERVAL}, a sync is begun at most so long after the first entry that no
     * sync has covered; no other mode looks at it. Default: 1 s.
     *
     * @param interval 1 ms to 1 h
     */
    public Builder syncInterval(Duration interval) {
      syncInterval = inRange("syncInterval", interval, Duration.ofMillis(1), Duration.ofHours(1));
      return this;
    }

    /**
     * Requests that share one write and one sync. Default: 100.
     *
     * @param requests 0 (no limit by count) to {@link Integer#MAX_VALUE}
     */
    public Builder maxBatchSize(int requests) {
      maxBatchSize = (int) inRange("maxBatchSize", requests, 0, Integer.MAX_VALUE, "requests");
      return this;
    }

    /**
     * Record bytes that share one write and one sync; a larger request is a batch by itself.
     * Default: 1 MiB. Memory of this size is allocated at open.
     *
     * @param bytes 4 KiB to 1 GiB
     */
    public Builder maxBatchBytes(int bytes) {
      maxBatchBytes = (int) inRange("maxBatchBytes", bytes, 1 << 12, BYTES_MAX, "bytes");
      return this;
    }

    /**
     * The longest a batch may be kept open for callers about to come back. Default: 10 ms.
     *
     * <p>An upper bound: at most half the last sync's time is used, a lone writer never waits, and
     * nothing waits in {@link SyncMode#NONE} and {@link SyncMode#INTERVAL}. Zero still batches,
     * since whatever arrives during one sync shares the next.
     *
     * @param delay 0 to 10 s
     */
    public Builder maxBatchDelay(Duration delay) {
      maxBatchDelay = inRange("maxBatchDelay", delay, Duration.ZERO, Duration.ofSeconds(10));
      return this;
    }

    /**
     * Requests that may wait to be written. Default: 1000.
     *
     * @param requests 1 to 4 194 304
     */
    public Builder writeQueueSize(int requests) {
      writeQueueSize = (int) inRange("writeQueueSize", requests, 1, 1 << 22, "requests");
      return this;
    }

    /**
     * Key and value bytes that may wait to be written; a larger request waits for an empty queue.
     * Default: 64 MiB.
     *
     * @param bytes 1 to 256 GiB
     */
    public Builder writeQueueBytes(long bytes) {
      writeQueueBytes = inRange("writeQueueBytes", bytes, 1, 1L << 38, "bytes");
      return this;
    }

    /** What a write does that finds the queue full. Default: {@link WhenFull#WAIT}. */
    public Builder whenFull(WhenFull whenFull) {
      this.whenFull = Objects.requireNonNull(whenFull, "whenFull");
      return this;
    }

    /** Which indexes the log takes. Default: {@link IndexOrder#UNIQUE}. */
    public Builder indexOrder(IndexOrder order) {
      indexOrder = Objects.requireNonNull(order, "indexOrder");
      return this;
    }

    /** What carries out writes and syncs. Default: {@link Backend#AUTO}. */
    public Builder backend(Backend backend) {
      this.backend = Objects.requireNonNull(backend, "backend");
      return this;
    }

    /**
     * The largest entry: UTF-8 bytes of its key plus bytes of its value. Default: 64 MiB.
     *
     * @param bytes 1 to 1 GiB
     */
    public Builder maxEntryBytes(int bytes) {
      maxEntryBytes = (int) inRange("maxEntryBytes", bytes, 1, BYTES_MAX, "bytes");
      return this;
    }

    /**
     * The largest write batch: UTF-8 bytes of its keys, bytes of its values, and 32 bytes for each
     * entry. Default: 256 MiB.
     *
     * @param bytes 1 to 1 GiB
     */
    public Builder maxWriteBatchBytes(int bytes) {
      maxWriteBatchBytes = (int) inRange("maxWriteBatchBytes", bytes, 1, BYTES_MAX, "bytes");
      return this;
    }

    /**
     * Sealed segments whose files are kept open for reading. Default: 64.
     *
     * @param segments 1 to 65 536
     */
    public Builder maxOpenSegments(int segments) {
      maxOpenSegments = (int) inRange("maxOpenSegments", segments, 1, 1 << 16, "segments");
      return this;
    }

    /**
     * A sync that takes longer is logged as a warning, counted in {@link WalStats#slowSyncs}, and
     * recorded as the event {@code dev.walnut.SlowSync}. Default: 1 s.
     *
     * @param threshold 1 ms to 1 h
     */
    public Builder slowSyncThreshold(Duration threshold) {
      slowSyncThreshold =
          inRange("slowSyncThreshold", threshold, Duration.ofMillis(1), Duration.ofHours(1));
      return this;
    }

    /**
     * Runs the callbacks of returned futures, one at a time and in order. Default: a thread of the
     * log. Should the executor refuse, that thread runs them after all. One that takes a task and
     * never runs it leaves all later futures open: the next task is given when the last has ended.
     */
    public Builder callbackExecutor(Executor executor) {
      callbackExecutor = Objects.requireNonNull(executor, "callbackExecutor");
      return this;
    }

    /** How much opening reads. Default: {@link OpenCheck#FOOTERS}. */
    public Builder openCheck(OpenCheck check) {
      openCheck = Objects.requireNonNull(check, "openCheck");
      return this;
    }

    /**
     * Whether the log is registered with the platform's MBean server while it is open, as a {@link
     * WalMXBean}. Default: false. That it cannot be registered is logged as a warning.
     */
    public Builder registerMBean(boolean register) {
      registersMBean = register;
      return this;
    }

    /** What opening does with an end that a crash has torn. Default: {@link RecoveryMode#HEAL}. */
    public Builder recovery(RecoveryMode mode) {
      recovery = Objects.requireNonNull(mode, "recovery");
      return this;
    }

    /** Returns the settings. The builder may be used further. */
    public WalConfig build() {
      return new WalConfig(this);
    }

    private static long inRange(String setting, long value, long min, long max, String unit) {
      if (value < min || value > max) {
        throw refused(setting, Long.toString(value), min + " to " + max + ' ' + unit);
      }
      return value;
    }

    private static Duration inRange(String setting, Duration value, Duration min, Duration max) {
      Objects.requireNonNull(value, setting);
      if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
        throw refused(setting, value.toString(), min + " to " + max);
      }
      return value;
    }

    private static IllegalArgumentException refused(String setting, String value, String range) {
      return new IllegalArgumentException(setting + ": " + value + " is out of range: " + range);
    }
  }
}
