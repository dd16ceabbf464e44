package dev.walnut;

import dev.walnut.internal.segment.RecoverySummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What opening a log found and did. Cutting off what a crash had torn is no damage: nothing of it
 * had been acknowledged as durable.
 */
public final class RecoveryReport {
  private final RecoverySummary summary;

  RecoveryReport(RecoverySummary summary) {
    this.summary = summary;
  }

  /** Whether the log was created by this opening. */
  public boolean created() {
    return summary.created();
  }

  /** Segments that hold the log. */
  public int segments() {
    return summary.segments();
  }

  /** Segments that had to be read batch by batch. */
  public int segmentsScanned() {
    return summary.segmentsScanned();
  }

  /** Bytes read in doing so. */
  public long bytesScanned() {
    return summary.bytesScanned();
  }

  /** The number of the last record recovered, in the order written; 0 in a fresh log. */
  public long lastSequence() {
    return summary.lastSequence();
  }

  /** Bytes cut off because a crash had torn them; 0 if none. */
  public long cutBytes() {
    return summary.cutBytes();
  }

  /** The file in which the cut starts. */
  public Optional<Path> cutFile() {
    return Optional.ofNullable(summary.cutFile());
  }

  /** The offset of the cut in {@link #cutFile}, in bytes. */
  public long cutOffset() {
    return summary.cutOffset();
  }

  /** Files that keep what was cut. */
  public List<Path> keptAside() {
    return List.copyOf(summary.keptAside());
  }

  /** Dead files that were removed: cut off, or empty because their creation was interrupted. */
  public List<Path> removed() {
    return List.copyOf(summary.removed());
  }

  @Override
  public String toString() {
    return "RecoveryReport" + summary.toString().substring("RecoverySummary".length());
  }
}
