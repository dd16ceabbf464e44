package dev.walnut;

import dev.walnut.exception.BrokenInvariantException;
import dev.walnut.internal.segment.EntryStore;

/**
 * What must be true before anybody is told that a batch is written: readers see it, and if that was
 * asked for, nothing they see is unsynced. A few comparisons a batch, made in production; a broken
 * rule fails the log, and nobody is told.
 */
final class Acknowledgement {
  private Acknowledgement() {}

  /**
   * @param lastIndex the log's last index once the batch is written
   * @param durable whether the batch was to be durable
   */
  static void require(EntryStore store, long lastIndex, boolean durable)
      throws BrokenInvariantException {
    if (store.lastIndex() != lastIndex) {
      throw broken("the batch ends with index " + lastIndex, "the last is " + store.lastIndex());
    }
    if (durable && store.durableIndex() != lastIndex) {
      throw broken("all up to " + lastIndex + " was synced", "durable is " + store.durableIndex());
    }
  }

  private static BrokenInvariantException broken(String expected, String found) {
    return new BrokenInvariantException(
        "acknowledge a batch: a rule of the log is broken: " + expected + ", and yet " + found);
  }
}
