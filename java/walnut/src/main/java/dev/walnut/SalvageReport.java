package dev.walnut;

import dev.walnut.internal.segment.SalvageOutcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a salvage found, and what it kept or would keep. Immutable. */
public final class SalvageReport {
  private final SalvageOutcome outcome;
  private final VerifyReport verification;

  /**
   * Indexes that follow one another.
   *
   * @param first the first
   * @param last the last
   */
  public record IndexRange(long first, long last) {}

  /**
   * Lost bytes in which a tombstone, truncation or reset may have lain: of the entries kept that
   * were written before, some may not have been in the log any more, or have been tombstoned.
   *
   * @param file the file, which may be missing
   * @param from where the bytes start
   * @param to where they end; -1 if the whole file is missing
   * @param entries how many kept entries were written before
   * @param firstIndex the smallest of their indexes
   * @param lastIndex the largest of their indexes
   */
  public record Uncertainty(
      Path file, long from, long to, long entries, long firstIndex, long lastIndex) {}

  SalvageReport(SalvageOutcome outcome) {
    this.outcome = outcome;
    this.verification = new VerifyReport(outcome.verification());
  }

  /**
   * Whether there is anything to salvage. If not, the log opens as it is: it is intact, or merely
   * torn by a crash, and was left alone.
   */
  public boolean isNeeded() {
    return outcome.harvest() != null;
  }

  /** Whether the new log is in place, put there by this run or by the one that it finished. */
  public boolean isApplied() {
    return outcome.applied();
  }

  /** Whether an earlier salvage had been interrupted while it moved files, and was finished. */
  public boolean isResumed() {
    return outcome.resumed();
  }

  /** What is wrong with the log. */
  public VerifyReport verification() {
    return verification;
  }

  /** Entries kept, tombstoned ones among them. */
  public long entries() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? 0 : kept.entries();
  }

  /** Entries kept that are tombstoned. */
  public long tombstones() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? 0 : kept.tombstones();
  }

  /** The smallest index kept; last + 1 if none is. */
  public long firstIndex() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? 0 : kept.firstIndex();
  }

  /** The last index of the log, as far as anything intact tells; it may not be kept itself. */
  public long lastIndex() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? 0 : kept.lastIndex();
  }

  /** Indexes between the first and the last kept that are not there; the first 1000 ranges. */
  public List<IndexRange> missing() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? List.of() : ranges(kept.missing());
  }

  /** How many indexes {@link #missing} is in all. */
  public long missingIndexes() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? 0 : kept.missingIndexes();
  }

  /**
   * Intact entries that are not kept, since their write batch is not whole, or may not be; the
   * first 1000 ranges.
   */
  public List<IndexRange> dropped() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? List.of() : ranges(kept.dropped());
  }

  /** How many entries {@link #dropped} is in all. */
  public long droppedEntries() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? 0 : kept.droppedEntries();
  }

  /** Where effects on kept entries may have been lost; the first 10 000 places. */
  public List<Uncertainty> uncertain() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null
        ? List.of()
        : kept.uncertain().stream()
            .map(
                u ->
                    new Uncertainty(
                        u.file(), u.from(), u.to(), u.entries(), u.firstIndex(), u.lastIndex()))
            .toList();
  }

  /** Files of another log, or of another life of this one, whose entries are not kept. */
  public List<Path> ignored() {
    SalvageOutcome.Kept kept = outcome.harvest();
    return kept == null ? List.of() : kept.ignored();
  }

  /** The folder that holds the old files, if they were moved. */
  public Optional<Path> quarantine() {
    @Nullable Path folder = outcome.quarantine();
    return Optional.ofNullable(folder);
  }

  private static List<IndexRange> ranges(List<dev.walnut.internal.segment.IndexRange> ranges) {
    return ranges.stream().map(range -> new IndexRange(range.first(), range.last())).toList();
  }

  @Override
  public String toString() {
    return "SalvageReport" + outcome.toString().substring("SalvageOutcome".length());
  }
}
