package dev.walnut;

import dev.walnut.internal.segment.RecoverySummary;
import dev.walnut.internal.segment.StoreCounts;
import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** Events for Java Flight Recorder. The only class that names its types. */
final class JfrEvents implements Events {
  /*
   * One event of each kind is never recorded, only asked whether anybody wants such: that costs a
   * field's load, or nothing once compiled, where making an event only to drop it may cost memory.
   *
   * Thresholds. Batches and syncs come in tens of thousands a second, and what is recorded all the
   * time should hold the last hours, not the last seconds. So by default only those are kept that
   * took long; a recording can ask for all of them.
   *
   * An event must not hurt the log: whatever the recorder throws ends here. Events are committed
   * under the token, which is a copy into a buffer of the thread.
   */
  private static final BatchEvent BATCH = new BatchEvent();
  private static final SyncEvent SYNC = new SyncEvent();
  private static final SlowSyncEvent SLOW_SYNC = new SlowSyncEvent();
  private static final RotationEvent ROTATION = new RotationEvent();
  private static final StallEvent STALL = new StallEvent();
  private static final RecoveryEvent RECOVERY = new RecoveryEvent();

  private final String log;

  private JfrEvents(String log) {
    this.log = log;
  }

  /** Events of a log, or none if the recorder does not work. */
  static Events of(String log) {
    try {
      return new JfrEvents(log);
    } catch (LinkageError e) {
      System.getLogger(JfrEvents.class.getName())
          .log(System.Logger.Level.DEBUG, log + ": no events for a recording", e);
      return NONE;
    }
  }

  @Override
  public @Nullable Batch batch() {
    BatchEvent event = begun(BATCH, BatchEvent::new);
    if (event != null) {
      event.log = log;
    }
    return event;
  }

  @Override
  public @Nullable Sync sync() {
    SyncEvent sync = begun(SYNC, SyncEvent::new);
    SlowSyncEvent slowSync = begun(SLOW_SYNC, SlowSyncEvent::new);
    return sync == null && slowSync == null ? null : new SyncEvents(log, sync, slowSync);
  }

  @Override
  public @Nullable Rotation rotation() {
    RotationEvent event = begun(ROTATION, RotationEvent::new);
    if (event != null) {
      event.log = log;
    }
    return event;
  }

  @Override
  public @Nullable Stall stall() {
    StallEvent event = begun(STALL, StallEvent::new);
    if (event != null) {
      event.log = log;
    }
    return event;
  }

  @Override
  public @Nullable Recovery recovery() {
    RecoveryEvent event = begun(RECOVERY, RecoveryEvent::new);
    if (event != null) {
      event.log = log;
    }
    return event;
  }

  private static <T extends Event> @Nullable T begun(T asked, Supplier<T> made) {
    if (!asked.isEnabled()) {
      return null;
    }
    try {
      T event = made.get();
      event.begin();
      return event;
    } catch (Throwable t) {
      return null; // then it is not recorded
    }
  }

  private static void commit(Event event) {
    try {
      event.commit(); // which leaves out what took less than the threshold
    } catch (Throwable t) {
      // Then it is not recorded.
    }
  }

  @Name("dev.walnut.Batch")
  @Label("Batch")
  @Category("Walnut")
  @Description("One write call with the entries of one or many callers, and its sync if it had one")
  @StackTrace(false)
  @Threshold("10 ms")
  static final class BatchEvent extends Event implements Batch {
    @Label("Log")
    @Nullable String log;

    @Label("Entries")
    int entries;

    @Label("Record Bytes")
    @DataAmount
    long recordBytes;

    @Label("Requests")
    int requests;

    @Label("Durable")
    boolean durable;

    @Override
    public void end(int entries, long recordBytes, int requests, boolean durable) {
      this.entries = entries;
      this.recordBytes = recordBytes;
      this.requests = requests;
      this.durable = durable;
      JfrEvents.commit(this);
    }
  }

  @Name("dev.walnut.Sync")
  @Label("Sync")
  @Category("Walnut")
  @Description("The write and sync of a batch that is durable afterwards")
  @StackTrace(false)
  @Threshold("10 ms")
  static final class SyncEvent extends Event {
    @Label("Log")
    @Nullable String log;

    @Label("Durable Index")
    long durableIndex;
  }

  @Name("dev.walnut.SlowSync")
  @Label("Slow Sync")
  @Category("Walnut")
  @Description("A sync that took longer than the log's slowSyncThreshold")
  @StackTrace(false)
  static final class SlowSyncEvent extends Event {
    @Label("Log")
    @Nullable String log;

    @Label("Durable Index")
    long durableIndex;

    @Label("Sync Time")
    @Description("By the log's own clock, which is compared with the threshold")
    @Timespan(Timespan.NANOSECONDS)
    long syncTime;
  }

  /** A sync may be recorded as itself, and as a slow one. */
  private record SyncEvents(String log, @Nullable SyncEvent sync, @Nullable SlowSyncEvent slowSync)
      implements Sync {

    @Override
    public void end(long durableIndex, long nanos, boolean slow) {
      if (sync != null) {
        sync.log = log;
        sync.durableIndex = durableIndex;
        commit(sync);
      }
      if (slowSync != null && slow) {
        slowSync.log = log;
        slowSync.durableIndex = durableIndex;
        slowSync.syncTime = nanos;
        commit(slowSync);
      }
    }
  }

  @Name("dev.walnut.Rotation")
  @Label("Rotation")
  @Category("Walnut")
  @Description("The start of a new segment; writes wait for it")
  @StackTrace(false)
  static final class RotationEvent extends Event implements Rotation {
    @Label("Log")
    @Nullable String log;

    @Label("Segment")
    @Description("The number of the new segment")
    int segment;

    @Label("Segments")
    @Description("How many segments hold the log now")
    int segments;

    @Label("Log Bytes")
    @DataAmount
    long logBytes;

    @Override
    public void end(StoreCounts after) {
      segment = after.tailNumber();
      segments = after.segments();
      logBytes = after.logBytes();
      JfrEvents.commit(this);
    }
  }

  @Name("dev.walnut.Stall")
  @Label("Stall")
  @Category("Walnut")
  @Description("A caller waited for room in the queue, or a batch for background work")
  static final class StallEvent extends Event implements Stall {
    @Label("Log")
    @Nullable String log;

    @Label("Reason")
    @Nullable String reason;

    @Override
    public void end(String reason) {
      this.reason = reason;
      JfrEvents.commit(this);
    }
  }

  @Name("dev.walnut.Recovery")
  @Label("Recovery")
  @Category("Walnut")
  @Description("The opening of a log for writing")
  @StackTrace(false)
  static final class RecoveryEvent extends Event implements Recovery {
    @Label("Log")
    @Nullable String log;

    @Label("Created")
    boolean created;

    @Label("Segments")
    int segments;

    @Label("Segments Scanned")
    int segmentsScanned;

    @Label("Bytes Scanned")
    @DataAmount
    long bytesScanned;

    @Label("Entries")
    long entries;

    @Label("Cut Bytes")
    @Description("Bytes cut off because a crash had torn them")
    @DataAmount
    long cutBytes;

    @Override
    public void end(RecoverySummary found, long entries) {
      created = found.created();
      segments = found.segments();
      segmentsScanned = found.segmentsScanned();
      bytesScanned = found.bytesScanned();
      this.entries = entries;
      cutBytes = found.cutBytes();
      JfrEvents.commit(this);
    }
  }
}
