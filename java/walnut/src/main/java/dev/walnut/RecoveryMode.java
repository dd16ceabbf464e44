package dev.walnut;

/** What opening does with the end of a log that a crash has torn. */
public enum RecoveryMode {
  /**
   * Cuts off what is torn, keeps it aside in a file, and reports it; nothing of it had been
   * acknowledged as durable.
   */
  HEAL,

  /**
   * Refuses with {@link dev.walnut.exception.TornLogException}, and modifies nothing.
   *
   * <p>Torn are written bytes behind the last whole batch. What a killed process leaves behind
   * otherwise is not: batches that were never synced, a footer half written or half overwritten,
   * space and files made ahead. So a log whose process was merely killed opens, unless it was
   * killed inside the system call that wrote a batch. Entries that a power cut took without a trace
   * are not told from those that were never written.
   */
  STRICT
}
