package dev.walnut.internal.segment;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.segment.InspectionListener.Verdict;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads all of a log and says what is wrong with it. Takes no lock and writes nothing. */
public final class LogVerifier {
  /*
   * The inspection sees every place that is wrong; what opening decides says which of them matter:
   * a place in what opening keeps is corrupt, one behind it is torn. If opening refuses, the largest
   * durable-through seen anywhere tells them apart.
   *
   * A writer at work looks like damage to who reads the end of a file first and what was written
   * behind it later, so damage is believed if it is found at the same place twice.
   */

  /** How many places a verification remembers. */
  public static final int PLACES_MAX = 10_000;

  private static final int LOOKS_MAX = 100;
  private static final int SCAN_BYTES = 1 << 20;

  /** Hears how far a verification has come. */
  public interface Listener {
    /** So many of all bytes have been read; starts again if there is a second look. */
    void reached(long bytes, long bytesTotal);

    /** Something looks wrong; what it is worth is known at the end. */
    void suspected(DamageFacts place);
  }

  private final Disk disk;
  private final DiskDirectory directory;
  private final SegmentNames names;
  private final String prefix;
  private final Listener listener;
  private final Memory memory;
  private long bytesRead;

  private LogVerifier(Disk disk, DiskDirectory directory, String prefix, Listener listener) {
    this.disk = disk;
    this.directory = new MeteredDirectory(directory, bytes -> bytesRead += bytes);
    this.names = new SegmentNames(prefix);
    this.prefix = prefix;
    this.listener = listener;
    this.memory = disk.allocate(SCAN_BYTES);
  }

  /**
   * Verifies a log, which may be open for writing.
   *
   * @throws IOException if a file or the directory cannot be read
   */
  public static Verification verify(
      StoreEnvironment environment, Path dir, String prefix, Listener listener) throws IOException {
    try (DiskDirectory directory = environment.disk().openDirectory(dir)) {
      return verify(environment.disk(), directory, prefix, listener);
    }
  }

  static Verification verify(Disk disk, DiskDirectory directory, String prefix, Listener listener)
      throws IOException {
    return new LogVerifier(disk, directory, prefix, listener).verify();
  }

  private Verification verify() throws IOException {
    Verification before = null;
    for (int look = 1; ; look++) {
      bytesRead = 0;
      try {
        Verification now = look();
        if (!now.damaged()) {
          return now;
        }
        if (before != null) {
          Verification confirmed = confirmed(before, now);
          if (confirmed.damaged() || look == LOOKS_MAX) {
            return confirmed;
          }
        }
        before = now;
      } catch (EOFException | NoSuchFileException e) {
        if (look == LOOKS_MAX) { // else it was cut behind its footer, or deleted by retention
          throw e;
        }
      }
    }
  }

  /** What both looks found; what only one did, a writer was at. */
  private static Verification confirmed(Verification before, Verification now) {
    List<DamageFacts> places = new ArrayList<>();
    Map<Path, Map<Long, DamageFacts>> known = new HashMap<>();
    for (DamageFacts place : before.places()) {
      known.computeIfAbsent(place.file(), f -> new HashMap<>()).put(place.offset(), place);
    }
    for (DamageFacts place : now.places()) {
      Map<Long, DamageFacts> inFile = known.get(place.file());
      boolean twice = inFile != null && inFile.containsKey(place.offset());
      if (twice || !place.isDamage()) {
        places.add(place);
      }
    }
    return new Verification(
        now.segments(), now.batches(), now.entries(), now.bytesRead(), places, now.omitted());
  }

  // ---- one look

  private Verification look() throws IOException {
    SegmentFiles files = new SegmentFiles(disk, directory, names, 1);
    try {
      VerifyingInspection seen = new VerifyingInspection(files, listener);
      SegmentInspector.inspect(disk, directory, prefix, seen);
      seen.end();
      List<DamageFacts> places = judged(files, seen.places());
      return new Verification(
          seen.segments(), seen.batches(), seen.entries(), bytesRead, places, seen.omitted());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      files.close();
    }
  }

  private List<DamageFacts> judged(SegmentFiles files, List<DamageFacts> places)
      throws IOException {
    try {
      Recovered recovered =
          Recovery.decide(files, StoreOpening.find(files, memory), /* fullCheck= */ false);
      if (recovered != null) {
        requireTables(files, recovered, places);
      }
      return byOpening(recovered, places);
    } catch (CorruptLogException e) {
      return byRefusal(e, places);
    } catch (UnsupportedFormatException e) {
      if (places.stream().anyMatch(place -> place.verdict() == Verdict.UNSUPPORTED)) {
        return places;
      }
      List<DamageFacts> all = new ArrayList<>(places);
      all.add(
          new DamageFacts(
              directory.path(),
              0,
              "a log of format " + Format.VERSION,
              String.valueOf(e.getMessage()),
              Verdict.UNSUPPORTED,
              -1,
              -1));
      return all;
    }
  }

  /** A damaged table is no loss if the one that is made again is what the footer speaks of. */
  private static void requireTables(
      SegmentFiles files, Recovered recovered, List<DamageFacts> places) throws IOException {
    for (KeptSegment kept : recovered.kept()) {
      FooterSummary footer = kept.footer();
      Path file = kept.found().path();
      if (footer != null
          && places.stream().anyMatch(place -> place.isAt(file, footer.validBytes()))) {
        files.loadTable(new Segment(kept.header(), files), footer);
      }
    }
  }

  private List<DamageFacts> byOpening(@Nullable Recovered recovered, List<DamageFacts> places) {
    Map<Path, KeptSegment> kept = new HashMap<>();
    if (recovered != null) {
      recovered.kept().forEach(segment -> kept.put(segment.found().path(), segment));
    }
    List<DamageFacts> judged = new ArrayList<>();
    for (DamageFacts place : places) {
      Verdict verdict = byOpening(kept.get(place.file()), place);
      if (verdict != Verdict.DEAD) {
        judged.add(place.as(verdict));
      }
    }
    return judged;
  }

  private static Verdict byOpening(@Nullable KeptSegment kept, DamageFacts place) {
    if (place.verdict() == Verdict.UNSUPPORTED || place.verdict() == Verdict.DEAD) {
      return place.verdict();
    }
    if (kept == null) {
      return Verdict.TORN;
    }
    // What opening would believe of a footer is as bad as a body.
    boolean believed = kept.footer() != null && place.verdict() == Verdict.CORRUPT;
    return place.offset() < kept.end() || believed ? Verdict.CORRUPT : Verdict.TORN;
  }

  private static List<DamageFacts> byRefusal(CorruptLogException e, List<DamageFacts> places) {
    List<DamageFacts> judged = new ArrayList<>();
    boolean known = false;
    for (DamageFacts place : places) {
      boolean same = place.isAt(e.file(), e.offset());
      known |= same;
      if (same) {
        long first = place.firstIndex() >= 0 ? place.firstIndex() : e.firstIndex();
        long last = place.firstIndex() >= 0 ? place.lastIndex() : e.lastIndex();
        judged.add(place.as(Verdict.CORRUPT).over(first, last));
      } else if (place.verdict() != Verdict.DEAD) {
        judged.add(place);
      }
    }
    if (!known) {
      judged.add(
          new DamageFacts(
              e.file(),
              e.offset(),
              e.expected(),
              e.found(),
              Verdict.CORRUPT,
              e.firstIndex(),
              e.lastIndex()));
    }
    return judged;
  }
}
