package dev.walnut;

/** Whether a salvage changes anything. */
public enum SalvageMode {
  /** Tells what would be kept. Takes no lock and writes nothing. */
  DRY_RUN,
  /** Puts a new log, of what is intact, in the place of the damaged one, which is kept aside. */
  APPLY
}
