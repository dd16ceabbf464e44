package dev.walnut.internal.segment;

import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFullException;
import dev.walnut.internal.platform.DiskLock;
import dev.walnut.internal.segment.InspectionListener.Verdict;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Makes a log that opens of what is intact in one that does not. */
public final class LogSalvage {
  /*
   * The new log is built in a folder of its own, all of it durable and read back, before the old one
   * is touched; then the two are swapped. Until the swap is noted durably, whatever happens leaves
   * the old log as it was, and the folder is thrown away; from then on, whoever salvages next
   * finishes the swap.
   */
  private static final int SCAN_BYTES = 1 << 20;

  private final StoreEnvironment environment;
  private final Disk disk;
  private final SegmentFiles files;
  private final String prefix;
  private final LogVerifier.Listener listener;

  private LogSalvage(
      StoreEnvironment environment,
      SegmentFiles files,
      String prefix,
      LogVerifier.Listener listener) {
    this.environment = environment;
    this.disk = environment.disk();
    this.files = files;
    this.prefix = prefix;
    this.listener = listener;
  }

  /**
   * Salvages a log.
   *
   * @param apply whether to do it, under the lock, or only to tell what would be kept
   * @throws dev.walnut.exception.LogLockedException if it is to be done and the log is open
   * @throws UnsupportedFormatException if a newer version wrote it; nothing was changed
   * @throws NoSpaceException if there is no room for the new log; the old one was not touched
   */
  public static SalvageOutcome run(
      StoreEnvironment environment,
      Path dir,
      String prefix,
      boolean apply,
      LogVerifier.Listener listener)
      throws IOException {
    SegmentNames names = new SegmentNames(prefix);
    try (DiskDirectory directory = environment.disk().openDirectory(dir)) {
      SegmentFiles files = new SegmentFiles(environment.disk(), directory, names, 1);
      LogSalvage salvage = new LogSalvage(environment, files, prefix, listener);
      if (!apply) {
        return salvage.look();
      }
      try (DiskLock lock = SegmentStore.lock(directory, names)) {
        assert lock.isIntact() : "held until the new log is in place";
        return salvage.apply();
      } catch (DiskFullException e) {
        throw new NoSpaceException(
            "salvage "
                + dir
                + ": no room; nothing is lost, and it may be run again: "
                + e.getMessage(),
            e);
      }
    }
  }

  private SalvageOutcome look() throws IOException {
    Verification verification = verify();
    Harvest harvest = verification.damaged() ? harvest(find()) : null;
    return new SalvageOutcome(false, false, verification, kept(harvest), null);
  }

  private SalvageOutcome apply() throws IOException {
    SalvageSwap begun = SalvageSwap.begun(disk, files);
    if (begun != null) {
      begun.beginAgain();
      begun.finish();
    }
    SalvageSwap.discard(disk, files);
    Verification verification = verify();
    if (!verification.damaged()) {
      return new SalvageOutcome(
          begun != null,
          begun != null,
          verification,
          null,
          begun == null ? null : begun.quarantine());
    }
    NavigableMap<Integer, FoundSegment> found = find();
    Harvest harvest = harvest(found);
    SalvageSwap swap = build(harvest, files.numberAfter(found.lastKey()));
    swap(swap);
    return new SalvageOutcome(begun != null, true, verification, kept(harvest), swap.quarantine());
  }

  // ---- reading

  private Verification verify() throws IOException {
    Verification verification = LogVerifier.verify(disk, files.directory(), prefix, listener);
    for (DamageFacts place : verification.places()) {
      if (place.verdict() == Verdict.UNSUPPORTED) {
        throw new UnsupportedFormatException(
            "salvage "
                + place.file()
                + " at offset "
                + place.offset()
                + ": "
                + place.found()
                + ", expected "
                + place.expected());
      }
    }
    return verification;
  }

  private NavigableMap<Integer, FoundSegment> find() throws IOException {
    return StoreOpening.find(files, disk.allocate(SCAN_BYTES));
  }

  private Harvest harvest(NavigableMap<Integer, FoundSegment> found) throws IOException {
    return Harvester.harvest(files, found, listener::reached);
  }

  private static SalvageOutcome.@Nullable Kept kept(@Nullable Harvest harvest) {
    if (harvest == null) {
      return null;
    }
    long first =
        harvest.segments().stream()
            .filter(segment -> segment.table().count() > 0)
            .mapToLong(segment -> segment.table().indexAt(0))
            .min()
            .orElse(harvest.bounds().last() + 1);
    return new SalvageOutcome.Kept(
        harvest.entries(),
        harvest.tombstones(),
        first,
        harvest.bounds().last(),
        harvest.dropped(),
        harvest.droppedEntries(),
        harvest.missing(),
        harvest.missingIndexes(),
        harvest.uncertain(),
        harvest.ignored());
  }

  // ---- building

  private SalvageSwap build(Harvest harvest, int firstNumber) throws IOException {
    try (DiskDirectory work = disk.createDirectory(SalvageSwap.folder(files))) {
      SegmentFiles targets = new SegmentFiles(disk, work, files.names(), 1);
      int last =
          new SalvageWriter(environment, files, targets, harvest, firstNumber, listener::reached)
              .write();
      requireSame(harvest, work);
      return new SalvageSwap(disk, files, firstNumber, last, freeQuarantine(firstNumber));
    } catch (Throwable t) {
      SalvageSwap.discardLogging(disk, files);
      throw t;
    }
  }

  /** The new log is believed once it was read back. */
  private void requireSame(Harvest harvest, DiskDirectory work) throws IOException {
    Verification built = LogVerifier.verify(disk, work, prefix, listener);
    if (!built.places().isEmpty() || built.entries() != harvest.entries()) {
      throw new WalException(
          "salvage "
              + files.directory().path()
              + ": the new log has "
              + built.entries()
              + " of "
              + harvest.entries()
              + " entries when read back, and "
              + built.places()
              + "; the old one was not touched");
    }
  }

  private int freeQuarantine(int firstNumber) throws IOException {
    for (int number = firstNumber; ; number = files.numberAfter(number)) {
      Path folder = files.directory().path().resolve(files.names().quarantineFolder(number));
      try {
        disk.openDirectory(folder).close();
      } catch (NoSuchFileException e) {
        return number;
      }
    }
  }

  private void swap(SalvageSwap swap) throws IOException {
    try {
      swap.begin();
    } catch (Throwable t) {
      if (swap.takeBack()) {
        SalvageSwap.discardLogging(disk, files);
      }
      throw t;
    }
    swap.finish();
    SalvageSwap.discardLogging(disk, files);
  }
}
