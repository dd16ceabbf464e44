package dev.walnut;

import dev.walnut.internal.segment.DamageFacts;
import dev.walnut.internal.segment.InspectionListener.Verdict;
import dev.walnut.internal.segment.LogVerifier;
import dev.walnut.internal.segment.Verification;
import java.util.List;

/** What reading the whole of a log has shown. Immutable. */
public final class VerifyReport {
  private final Verification verification;
  private final List<Damage> damages;
  private final List<Damage> tornEnds;

  VerifyReport(Verification verification) {
    this.verification = verification;
    this.damages =
        verification.places().stream()
            .filter(DamageFacts::isDamage)
            .map(VerifyReport::damage)
            .toList();
    this.tornEnds =
        verification.places().stream()
            .filter(place -> !place.isDamage())
            .map(VerifyReport::damage)
            .toList();
  }

  /** Whether nothing that was durable is wrong: the log opens, and all in it can be read. */
  public boolean isIntact() {
    return damages.isEmpty();
  }

  /** Segment files. */
  public int segments() {
    return verification.segments();
  }

  /** Batches found. */
  public long batches() {
    return verification.batches();
  }

  /** Entries whose records are intact, whether or not a later truncation took them away. */
  public long entries() {
    return verification.entries();
  }

  /** Bytes read from the log's files; more than their size, since some are read twice. */
  public long bytesRead() {
    return verification.bytesRead();
  }

  /** What was durable and is wrong, or cannot be read by this version; the first 10 000 places. */
  public List<Damage> damages() {
    return damages;
  }

  /** What a crash has torn, or a writer is writing now. Opening cuts it off, or mends it. */
  public List<Damage> tornEnds() {
    return tornEnds;
  }

  /** How many places there are beside those listed. */
  public long omitted() {
    return verification.omitted();
  }

  static Damage damage(DamageFacts place) {
    return new Damage(
        place.file(),
        place.offset(),
        place.expected(),
        place.found(),
        kind(place.verdict()),
        place.firstIndex(),
        place.lastIndex());
  }

  private static Damage.Kind kind(Verdict verdict) {
    return switch (verdict) {
      case CORRUPT -> Damage.Kind.CORRUPT;
      case UNSUPPORTED -> Damage.Kind.UNSUPPORTED;
      case TORN, DEAD -> Damage.Kind.TORN;
    };
  }

  /** Passes on in this package's words. */
  static LogVerifier.Listener teller(VerifyListener listener) {
    return new LogVerifier.Listener() {
      @Override
      public void reached(long bytes, long bytesTotal) {
        listener.progress(bytes, bytesTotal);
      }

      @Override
      public void suspected(DamageFacts place) {
        listener.suspected(damage(place));
      }
    };
  }

  @Override
  public String toString() {
    return "VerifyReport[segments="
        + segments()
        + ", batches="
        + batches()
        + ", entries="
        + entries()
        + ", bytesRead="
        + bytesRead()
        + ", damages="
        + damages
        + ", tornEnds="
        + tornEnds
        + ", omitted="
        + omitted()
        + "]";
  }
}
