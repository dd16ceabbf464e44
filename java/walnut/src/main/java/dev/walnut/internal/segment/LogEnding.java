package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does what {@link Recovery} decided, in an order in which each step may be cut short. */
final class LogEnding {
  /*
   * First, what is accepted above D is written again, the same bytes, and synced: after a failed
   * sync the kernel may hold clean pages that are not on disk, so a sync alone would succeed over
   * nothing. Only then may anything claim to be durable. Then what is cut is kept aside. Then the
   * end is made: zeros over the rest of the last segment (not truncation: a file that grows again
   * may show its old blocks), or the header of a new segment. Then dead files go.
   */
  private static final int PIECE_BYTES = 64 * 1024;

  private final SegmentFiles files;
  private final StoreEnvironment environment;
  private final Recovered recovered;
  private final Memory memory;
  private final List<Path> keptAside = new ArrayList<>();
  private final List<Path> removed = new ArrayList<>();
  private long cutBytes;
  private @Nullable Path cutFile;
  private long cutOffset;

  LogEnding(SegmentFiles files, StoreEnvironment environment, Recovered recovered, Memory memory) {
    this.files = files;
    this.environment = environment;
    this.recovered = recovered;
    this.memory = memory;
  }

  /** Does all of it; returns the tail to go on with. */
  Tail end() throws IOException {
    boolean behind = recovered.endsBehind() || isShared();
    // Asked for first: who finds no number left has changed nothing.
    int number = behind ? files.numberAfter(recovered.numberMax()) : recovered.last().number();
    writeAgain();
    keepAside();
    Tail tail = behind ? newTail(number) : sameTail();
    try {
      removeDead();
      return tail;
    } catch (Throwable t) {
      tail.file.close();
      throw t;
    }
  }

  /**
   * Whether the last segment is part of a backup too, or of what that was made from: its newer
   * segments are gone then, and to go on in it would change the other log.
   */
  private boolean isShared() throws IOException {
    return files.directory().isShared(files.name(recovered.last().number()));
  }

  // ---- written again

  private void writeAgain() throws IOException {
    for (KeptSegment kept : recovered.kept()) {
      boolean header = kept.header().firstSequence() > recovered.durableThrough();
      List<SegmentScan.Batch> above = above(kept);
      if (header || !above.isEmpty()) {
        try (DiskFile file = files.directory().open(files.name(kept.number()))) {
          Rewrite rewrite =
              new Rewrite(
                  "open",
                  files.path(kept.number()),
                  file,
                  kept.header(),
                  environment.disk(),
                  memory);
          if (header) {
            rewrite.header();
          }
          rewrite.batches(above);
          file.sync();
        }
      }
    }
    files.directory().sync();
  }

  /** The batches from the first on that holds a sequence above D. */
  private List<SegmentScan.Batch> above(KeptSegment kept) {
    SegmentScan scan = kept.scan();
    List<SegmentScan.Batch> batches = scan == null ? List.of() : scan.batches();
    int first = 0;
    while (first < batches.size()
        && batches.get(first).header().lastSequence() <= recovered.durableThrough()) {
      first++;
    }
    return batches.subList(first, batches.size());
  }

  private void copy(DiskFile source, long from, DiskFile target, long to, long bytes)
      throws IOException {
    WritePlan plan = environment.disk().newPlan();
    for (long done = 0; done < bytes; ) {
      int piece = (int) Math.min(memory.capacity(), bytes - done);
      int read = source.read(from + done, memory, 0, piece);
      if (read < piece) {
        throw new EOFException(
            "read "
                + source.name()
                + " at offset "
                + (from + done)
                + ": got "
                + read
                + " of "
                + piece
                + " bytes that were there before");
      }
      plan.clear();
      plan.span(memory, 0, piece);
      target.write(to + done, plan, Durability.NONE);
      done += piece;
    }
  }

  // ---- kept aside

  private void keepAside() throws IOException {
    SideFiles side = new SideFiles(files, environment.disk(), this::copy);
    KeptSegment last = recovered.last();
    if (recovered.endsInside() || (recovered.endsBehind() && last.scan() != null)) {
      keepAside(side, last.found(), last.header().epoch(), last.end());
    }
    for (FoundSegment dead : recovered.dead()) {
      if (dead.number() > last.number()) {
        SegmentHeader header = dead.header();
        keepAside(side, dead, header == null ? 0 : header.epoch(), 0);
      }
    }
    side.sync();
  }

  private void keepAside(SideFiles side, FoundSegment segment, long epoch, long from)
      throws IOException {
    long end = segment.endOfData(from);
    if (end <= from) {
      return;
    }
    if (cutFile == null) {
      cutFile = segment.path();
      cutOffset = from;
    }
    cutBytes += end - from;
    Path kept = side.keep(segment.number(), epoch, from, end);
    if (kept != null) {
      keptAside.add(kept);
    }
  }

  // ---- the end

  private Tail sameTail() throws IOException {
    KeptSegment last = recovered.last();
    FooterSummary footer = last.footer();
    if (footer != null) {
      recovered.state().reopenTail(footer);
    }
    DiskFile file = files.directory().open(files.name(last.number()));
    try {
      long bytes = file.size();
      // Zeros there may be a lost sync's: in the cache, over a footer that is still on disk.
      if (bytes > last.end()) {
        overwriteWithZeros(file, last.end(), bytes);
        file.sync();
      }
      return Tail.reopened(last, file, bytes);
    } catch (Throwable t) {
      file.close();
      throw t;
    }
  }

  private void overwriteWithZeros(DiskFile file, long from, long to) throws IOException {
    Memory zeros = environment.disk().allocate(PIECE_BYTES);
    WritePlan plan = environment.disk().newPlan();
    for (long at = from; at < to; at += PIECE_BYTES) {
      plan.clear();
      plan.span(zeros, 0, (int) Math.min(PIECE_BYTES, to - at));
      file.write(at, plan, Durability.NONE);
    }
  }

  /** A new segment takes over; its header is what ends the log. */
  private Tail newTail(int number) throws IOException {
    KeptSegment last = recovered.last();
    LogState state = recovered.state();
    SegmentHeader header =
        new SegmentHeader(
            last.header().logId(),
            number,
            last.header().successorEpoch(),
            environment.random().getAsLong(),
            true,
            environment.wallClockMillis().getAsLong(),
            last.lastSequence() + 1,
            last.facts(),
            state.lowWater(),
            last.lastSequence(),
            state.bounds(),
            recovered.gaps());
    if (last.scan() != null) {
      state.sealTail(last.end());
    }
    state.startTail(new Segment(header, files));
    return Tail.create(files, environment, header, memory);
  }

  // ---- the dead

  private void removeDead() throws IOException {
    for (FoundSegment dead : recovered.dead()) {
      removed.add(dead.path());
      files.directory().delete(files.name(dead.number()));
    }
    if (!recovered.dead().isEmpty()) {
      files.directory().sync();
    }
  }

  /** What was done, for the report. */
  RecoverySummary summary(int scanned, long bytesScanned) {
    return new RecoverySummary(
        false,
        recovered.kept().size(),
        scanned,
        bytesScanned,
        recovered.last().lastSequence(),
        cutBytes,
        cutFile,
        cutOffset,
        List.copyOf(keptAside),
        List.copyOf(removed));
  }
}
