package dev.walnut;

/** What a write does that finds the queue full. */
public enum WhenFull {
  /** Waits for room, asynchronous writes too. The wait can be interrupted. */
  WAIT,

  /** Is refused with {@link dev.walnut.exception.QueueFullException}; nothing was written. */
  FAIL
}
