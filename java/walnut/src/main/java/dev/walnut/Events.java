package dev.walnut;

import dev.walnut.internal.segment.RecoverySummary;
import dev.walnut.internal.segment.StoreCounts;
import org.jspecify.annotations.Nullable;

/**
 * What a recording of the JVM gets to see of one log. Nothing here throws, and where nobody records
 * nothing is allocated: what would begin an event is null then.
 */
interface Events {
  /** For a JVM that cannot record. */
  Events NONE = new Events() {};

  /** The events of a log with this directory and prefix. */
  static Events of(String log) {
    // A runtime without the module must not meet a class that names its types.
    boolean present = ModuleLayer.boot().findModule("jdk.jfr").isPresent();
    return present ? JfrEvents.of(log) : NONE;
  }

  /** Begins the writing of a batch. */
  default @Nullable Batch batch() {
    return null;
  }

  /** Begins the write and sync of a batch that is to be durable. */
  default @Nullable Sync sync() {
    return null;
  }

  /** Begins the start of a new segment. */
  default @Nullable Rotation rotation() {
    return null;
  }

  /** Begins a wait. */
  default @Nullable Stall stall() {
    return null;
  }

  /** Begins the opening of the log. */
  default @Nullable Recovery recovery() {
    return null;
  }

  /** A batch in the making. */
  interface Batch {
    void end(int entries, long recordBytes, int requests, boolean durable);
  }

  /** A sync under way. */
  interface Sync {
    /**
     * Ends it.
     *
     * @param nanos how long it took by the log's own clock
     * @param slow whether that is too slow
     */
    void end(long durableIndex, long nanos, boolean slow);
  }

  /** A segment about to be started. */
  interface Rotation {
    void end(StoreCounts after);
  }

  /** Somebody waits. */
  interface Stall {
    void end(String reason);
  }

  /** A log being opened. */
  interface Recovery {
    void end(RecoverySummary found, long entries);
  }
}
