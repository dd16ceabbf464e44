package dev.walnut.internal.segment;

import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskLock;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Opens a log, step by step: list, read headers and footers, decide, end the log, begin a life. */
final class StoreOpening {
  private static final int SCAN_BYTES = 1 << 20;

  private StoreOpening() {}

  static SegmentStore open(
      StoreEnvironment environment,
      StoreOptions options,
      DiskDirectory directory,
      SegmentNames names,
      DiskLock lock)
      throws IOException {
    SegmentFiles files =
        new SegmentFiles(environment.disk(), directory, names, options.openSegmentsMax());
    Memory memory = environment.disk().allocate(SCAN_BYTES);
    try {
      NavigableMap<Integer, FoundSegment> found = find(files, memory);
      Recovered recovered = Recovery.decide(files, found, options.fullCheck());
      if (recovered != null && options.refusesTorn()) {
        TornEnd.refuse(recovered);
      }
      return recovered == null
          ? create(environment, options, files, lock, found, memory)
          : reopen(environment, options, files, lock, recovered, memory);
    } catch (Throwable t) {
      files.close();
      throw t;
    }
  }

  /** Every segment file, with header and footer read. */
  static NavigableMap<Integer, FoundSegment> find(SegmentFiles files, Memory memory)
      throws IOException {
    NavigableMap<Integer, FoundSegment> found = new TreeMap<>();
    List<String> listed = files.directory().listFiles();
    SalvageSwap.requireNone(files, listed);
    LogBackup.requireComplete(files, listed);
    for (String name : listed) {
      int number = files.names().number(name);
      if (number >= 0) {
        found.put(number, FoundSegment.read(files, memory, number));
      }
    }
    return found;
  }

  private static SegmentStore create(
      StoreEnvironment environment,
      StoreOptions options,
      SegmentFiles files,
      DiskLock lock,
      NavigableMap<Integer, FoundSegment> unborn,
      Memory memory)
      throws IOException {
    int number = unborn.isEmpty() ? 0 : files.numberAfter(unborn.lastKey());
    List<Path> removed = new ArrayList<>();
    for (int old : unborn.keySet()) {
      files.directory().delete(files.name(old));
      removed.add(files.path(old));
    }
    syncOwnName(environment, files.directory().path());
    SegmentHeader header = firstHeader(environment, number);
    LogState state = new LogState(new Segment(header, files), IndexBounds.FRESH, header.lowWater());
    Tail tail = Tail.create(files, environment, header, memory);
    RecoverySummary summary =
        new RecoverySummary(true, 1, 0, 0, 0, 0, null, 0, List.of(), List.copyOf(removed));
    return begin(
        new SegmentStore(
            environment,
            options,
            lock,
            new OpenedLog(files, state, List.of(), tail, number),
            summary),
        null);
  }

  /** Whoever made the directory may have died before its name was durable. */
  private static void syncOwnName(StoreEnvironment environment, Path dir) throws IOException {
    Path parent = dir.toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    try (DiskDirectory names = environment.disk().openDirectory(parent)) {
      names.sync();
    } catch (AccessDeniedException e) {
      // Not ours to read, so the directory in it was made for us, by somebody who set it up.
    }
  }

  private static SegmentHeader firstHeader(StoreEnvironment environment, int number) {
    LogId id = new LogId(environment.random().getAsLong(), environment.random().getAsLong());
    return new SegmentHeader(
        id,
        number,
        environment.random().getAsLong(),
        environment.random().getAsLong(),
        true,
        environment.wallClockMillis().getAsLong(),
        1,
        null,
        number,
        0,
        IndexBounds.FRESH,
        List.of());
  }

  private static SegmentStore reopen(
      StoreEnvironment environment,
      StoreOptions options,
      SegmentFiles files,
      DiskLock lock,
      Recovered recovered,
      Memory memory)
      throws IOException {
    KeptSegment last = recovered.last();
    requireSequencesLeft(last.lastSequence(), last.found().path(), last.end());
    LogEnding ending = new LogEnding(files, environment, recovered, memory);
    Tail tail = ending.end();
    OpenedLog opened =
        new OpenedLog(
            files,
            recovered.state(),
            recovered.gaps(),
            tail,
            Math.max(recovered.numberMax(), tail.number()));
    int scanned = 0;
    long bytesScanned = 0;
    for (KeptSegment kept : recovered.kept()) {
      scanned += kept.scan() == null ? 0 : 1;
      bytesScanned += kept.found().bytesScanned();
    }
    RecoverySummary summary = ending.summary(scanned, bytesScanned);
    return begin(new SegmentStore(environment, options, lock, opened, summary), recovered);
  }

  /** No life is long enough to use up the other half of them. */
  static void requireSequencesLeft(long lastSequence, Path file, long offset) throws WalException {
    if (lastSequence > Format.SEQUENCE_MAX / 2) {
      throw new WalException(
          "open "
              + file
              + " at offset "
              + offset
              + ": sequence "
              + lastSequence
              + " leaves too few for a writer");
    }
  }

  /**
   * A mark begins this life: its nonce makes the chain unlike that of any life that was lost. Then
   * segments that a crash left without a footer get one.
   */
  private static SegmentStore begin(SegmentStore store, @Nullable Recovered recovered)
      throws IOException {
    try {
      store.mark(true);
      if (recovered != null) {
        for (KeptSegment kept : recovered.kept()) {
          store.reseal(kept);
        }
      }
      return store;
    } catch (Throwable t) {
      store.closeFiles();
      throw t;
    }
  }
}
