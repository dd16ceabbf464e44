package dev.walnut;

import dev.walnut.internal.segment.LogBackup;

/** What {@link Wal#backup} has made. Immutable. */
public final class BackupReport {
  private final LogBackup.Outcome outcome;

  BackupReport(LogBackup.Outcome outcome) {
    this.outcome = outcome;
  }

  /** Segment files in the copy. */
  public int files() {
    return outcome.files();
  }

  /** How many of them are hard links to the log's own files, and took no space. */
  public int linkedFiles() {
    return outcome.linked();
  }

  /** Bytes written into the others. */
  public long bytesCopied() {
    return outcome.bytesCopied();
  }

  /** The copy's first index; last + 1 if it is empty. */
  public long firstIndex() {
    return outcome.firstIndex();
  }

  /** The copy's last index. */
  public long lastIndex() {
    return outcome.lastIndex();
  }

  @Override
  public String toString() {
    return "BackupReport" + outcome.toString().substring("Outcome".length());
  }
}
