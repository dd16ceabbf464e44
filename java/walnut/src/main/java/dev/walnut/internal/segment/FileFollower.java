package dev.walnut.internal.segment;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.TruncatedException;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Follows the files of a log that somebody else writes; reads only what is new in them. */
final class FileFollower implements ViewSource {
  /*
   * What is known. The log up to the end of some batch in some segment: its sequence and its header's
   * checksum, which chains it to all before. A look goes on from there: batches that follow, then a
   * segment whose header names this very end as its predecessor's. A batch that is not whole yet does
   * not follow, and an end that nothing follows is no damage.
   *
   * What was taken back. Others may have cut the log below what is known: a writer that came after a
   * crash in which the system lost what was not synced. It overwrites the last batch known, with
   * zeros first, and what it writes then chains to a mark with a random number. So the look begins by
   * reading that batch's header once more. The same is done after entries above the durable point
   * were read: if that header still stands, their bytes had not been overwritten before.
   *
   * What is unclear is decided from scratch, as by opening the log: a successor that names another
   * end, one that does not name ours, a last batch that is gone, a file that is. Damage is only what
   * that finds. If the log goes on elsewhere, its state is exchanged, and cursors are told by cuts:
   * at the end, if what was known was taken back; else at the front, since unknown records lie
   * between, and they may have been removed or truncated. It errs on the side of telling.
   *
   * Headers of segments that such a decision passed over are dead, and not looked at again.
   */
  private static final int SCAN_BYTES = 1 << 20;
  private static final int LOOKS_MAX = 100;

  /** How often a look is repeated when files change under it, before all is decided anew. */
  private static final int RETRIES = 3;

  private final SegmentFiles files;
  private final ReentrantLock lock = new ReentrantLock();
  private final Memory memory;

  // What is known; guarded by the lock.
  private LogState state;
  private @Nullable SegmentHeader header;
  private @Nullable FooterSummary footer;
  private DurablePoint point = new DurablePoint();
  private int end;
  private int lastBatchAt;
  private long lastSequence;
  private int chain;
  private Set<SegmentHeader> dead = Set.of();
  private boolean spoiled;

  /**
   * The segments behind the tail, as listed once in a look: a look then ends, however fast segments
   * are started, and does not list them again for each. Null if it is yet to be done.
   */
  private @Nullable SortedSet<Integer> listed;

  /** Views with fewer cuts at the end show what was taken back. */
  private volatile long cutsTakenBack;

  private volatile View view;

  private FileFollower(SegmentFiles files, @Nullable Recovered recovered) {
    this.files = files;
    this.memory = files.disk().allocate(SCAN_BYTES);
    this.state = new LogState(Segment.none(files), IndexBounds.FRESH, 0);
    if (recovered != null) {
      take(recovered);
    }
    this.view = state.view(end, point.index(state.last()));
  }

  /**
   * Starts with what lies in the files now.
   *
   * @throws CorruptLogException if bytes that were durable are wrong or missing
   */
  static FileFollower open(SegmentFiles files) throws IOException {
    return new FileFollower(files, decide(files));
  }

  /*
   * A writer at work looks like damage to who reads the end of a file first and what was written
   * behind it later. What lay behind was written after all before it was whole, so looking again
   * settles it: real damage is found at the same place twice.
   */
  private static @Nullable Recovered decide(SegmentFiles files) throws IOException {
    Memory memory = files.disk().allocate(SCAN_BYTES);
    CorruptLogException before = null;
    for (int look = 1; ; look++) {
      try {
        return Recovery.decide(files, StoreOpening.find(files, memory), /* fullCheck= */ false);
      } catch (CorruptLogException e) {
        if (look == LOOKS_MAX || (before != null && isSamePlace(before, e))) {
          throw e;
        }
        before = e;
      } catch (EOFException | NoSuchFileException e) {
        if (look == LOOKS_MAX) { // else it was cut behind its footer, or deleted by retention
          throw e;
        }
      }
    }
  }

  private static boolean isSamePlace(CorruptLogException one, CorruptLogException other) {
    return one.file().equals(other.file()) && one.offset() == other.offset();
  }

  private void take(Recovered recovered) {
    KeptSegment last = recovered.last();
    state = recovered.state();
    spoiled = false;
    header = last.header();
    footer = last.footer();
    end = last.end();
    lastSequence = last.lastSequence();
    chain = last.lastBatchCrc();
    lastBatchAt = last.lastBatchAt();
    point = new DurablePoint();
    point.reached(recovered.durableThrough());
    for (KeptSegment kept : recovered.kept()) {
      if (kept.scan() != null) {
        point.add(kept.scan());
      }
    }
    files.lowWater(state.lowWater());
  }

  // ---- for cursors

  @Override
  public View view() {
    return view;
  }

  @Override
  public View look() throws IOException {
    lock.lock();
    try {
      follow();
      return view;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void requireKept(View shown, boolean fromFile) throws IOException {
    requireNotTakenBack(shown);
    if (fromFile && !isKept()) {
      look();
      requireNotTakenBack(shown);
    }
  }

  private boolean isKept() throws IOException {
    lock.lock();
    try {
      SegmentHeader known = header;
      return known == null || withTail(known, this::standsLastBatch);
    } catch (NoSuchFileException | EOFException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void requireNotTakenBack(View shown) throws TruncatedException {
    if (shown.endCuts().count() < cutsTakenBack) {
      long lastKept = view.endCuts().deepestSince(shown.endCuts().count());
      throw new TruncatedException(
          "read: what this reader knew was taken back, by a writer's crash or a salvage;"
              + " the last index that is certain is "
              + lastKept,
          shown.last() + 1,
          lastKept);
    }
  }

  @Override
  public IOException explain(View shown, IOException failure) throws IOException {
    try {
      look();
    } catch (IOException e) {
      failure.addSuppressed(e);
      return failure;
    }
    requireNotTakenBack(shown);
    boolean removed =
        shown.sealed().parts().stream()
            .anyMatch(part -> part.segment().number() < files.lowWater());
    return failure instanceof NoSuchFileException && removed
        ? new CompactedException(
            "read: "
                + failure.getMessage()
                + " was removed; the oldest segment left is "
                + files.lowWater())
        : failure;
  }

  // ---- looking

  private enum Step {
    /** Something was read: there may be more. */
    GOES_ON,
    /** Nothing follows. */
    ENDS,
    /** The files do not fit what is known, perhaps because they are changing. */
    UNCLEAR
  }

  private void follow() throws IOException {
    if (header == null) {
      adopt(decide(files), /* contained= */ false);
      return;
    }
    int unclear = 0;
    listed = null;
    if (spoiled) {
      decideAnew();
    }
    for (Step step = step(); step != Step.ENDS; step = step()) {
      unclear = step == Step.UNCLEAR ? unclear + 1 : 0;
      if (unclear > 0) {
        listed = null; // it may be what does not fit
      }
      if (unclear == RETRIES) {
        decideAnew();
        return;
      }
    }
    publish();
  }

  private Step step() throws IOException {
    SegmentHeader known = header;
    assert known != null : "asked of a log that is there";
    try {
      Step read = readTail(known);
      return read == Step.ENDS ? enterSuccessor(known) : read;
    } catch (EOFException | NoSuchFileException | CompactedException | CorruptLogException e) {
      return Step.UNCLEAR; // cut behind a footer, removed or overwritten while it was read
    }
  }

  private interface Look<T> {
    T at(SegmentScanner scanner, FileWindow window) throws IOException;
  }

  private <T> T withTail(SegmentHeader known, Look<T> look) throws IOException {
    try (DiskFile file = files.directory().openRead(files.name(known.number()))) {
      FileWindow window =
          new FileWindow(file::read, file.name(), file.size(), memory, memory.capacity());
      SegmentScanner scanner =
          new SegmentScanner(window, files.path(known.number()), known.number(), known.epoch());
      return look.at(scanner, window);
    }
  }

  /** Whether the last batch known, or the header if there is none, is still what it was. */
  private boolean standsLastBatch(SegmentScanner scanner, FileWindow window) throws IOException {
    SegmentHeader known = header;
    assert known != null : "asked of a log that is there";
    return lastBatchAt == 0
        ? known.equals(HeaderReader.read(window, files.path(known.number())))
        : scanner.isBatchAt(lastBatchAt, chain);
  }

  private Step readTail(SegmentHeader known) throws IOException {
    Optional<SegmentScan> scan;
    try {
      scan = withTail(known, this::scanBehind);
    } catch (NoSuchFileException e) {
      return Step.ENDS; // removed; if all of it was read, its successor says so
    }
    if (scan.isEmpty()) {
      return Step.UNCLEAR;
    }
    if (scan.get().batches().isEmpty()) {
      return Step.ENDS;
    }
    apply(scan.get());
    return Step.GOES_ON;
  }

  /** The batches behind what is known; empty if that does not stand any more. */
  private Optional<SegmentScan> scanBehind(SegmentScanner scanner, FileWindow window)
      throws IOException {
    return standsLastBatch(scanner, window)
        ? Optional.of(scanner.scan(end, lastSequence + 1, chain))
        : Optional.empty();
  }

  private void apply(SegmentScan scan) throws IOException {
    if (footer != null) {
      state.reopenTail(footer);
      footer = null;
    }
    spoiled = true; // in case a table of a segment cannot be read half way
    state.apply(scan, lastSequence + 1);
    spoiled = false;
    point.add(scan);
    List<SegmentScan.Batch> batches = scan.batches();
    lastBatchAt = batches.get(batches.size() - 1).offset();
    end = scan.end();
    lastSequence = scan.lastSequence();
    chain = scan.lastBatchCrc();
    raiseLowWater(state.lowWater());
  }

  private void raiseLowWater(int oldestSegment) {
    if (oldestSegment > files.lowWater()) {
      files.lowWater(oldestSegment);
      state.dropBefore(oldestSegment);
    }
  }

  private Step enterSuccessor(SegmentHeader known) throws IOException {
    SegmentHeader next = successor(known);
    if (next == null) {
      return Step.ENDS;
    }
    Predecessor ours = new Predecessor(known.number(), known.epoch(), end, lastSequence, chain);
    boolean follows =
        ours.equals(next.predecessor())
            && next.logId().equals(known.logId())
            && next.gaps().equals(known.gaps());
    if (!follows) {
      return Step.UNCLEAR;
    }
    enter(next);
    return Step.GOES_ON;
  }

  /** The first segment behind the tail that has a header and is not dead. */
  private @Nullable SegmentHeader successor(SegmentHeader known) throws IOException {
    SortedSet<Integer> numbers = listed;
    if (numbers == null) {
      numbers = numbersBehind(known.number());
      listed = numbers;
    }
    for (int number : numbers.tailSet(known.number() + 1)) {
      SegmentHeader next = readHeader(number);
      if (next != null && !dead.contains(next)) {
        return next;
      }
    }
    return null;
  }

  private SortedSet<Integer> numbersBehind(int tail) throws IOException {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (String name : files.directory().listFiles()) {
      int number = files.names().number(name);
      if (number > tail) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  private @Nullable SegmentHeader readHeader(int number) throws IOException {
    try (DiskFile file = files.directory().openRead(files.name(number))) {
      FileWindow window =
          new FileWindow(file::read, file.name(), file.size(), memory, Format.HEADER_BYTES);
      return HeaderReader.read(window, files.path(number));
    } catch (NoSuchFileException e) {
      return null; // removed since it was listed
    }
  }

  private void enter(SegmentHeader next) {
    if (footer == null) {
      state.sealTail(end);
    }
    state.startTail(new Segment(next, files));
    footer = null;
    header = next;
    end = Format.HEADER_BYTES;
    lastBatchAt = 0;
    point.reached(next.durableThrough());
    raiseLowWater(next.lowWater());
  }

  private void publish() {
    View now = view;
    long durableIndex = point.index(state.last());
    View next = state.view(end, durableIndex);
    if (!next.showsAs(now)) {
      view = next;
    }
  }

  // ---- deciding anew

  private void decideAnew() throws IOException {
    SegmentHeader known = header;
    Recovered recovered = decide(files);
    if (recovered == null || known == null) {
      throw new NoSuchFileException(
          files.path(known == null ? 0 : known.number()).toString(), null, "the log is gone");
    }
    KeptSegment last = recovered.last();
    boolean same =
        !spoiled
            && last.header().equals(known)
            && last.end() == end
            && last.lastBatchCrc() == chain;
    if (same) {
      dead = headersBehind(known);
      publish();
    } else {
      adopt(recovered, contains(recovered, known));
    }
  }

  private Set<SegmentHeader> headersBehind(SegmentHeader known) throws IOException {
    Set<SegmentHeader> headers = new HashSet<>();
    for (int number : numbersBehind(known.number())) {
      SegmentHeader behind = readHeader(number);
      if (behind != null) {
        headers.add(behind);
      }
    }
    return headers;
  }

  /** Whether the end known lies in what was decided, or before its first segment. */
  private boolean contains(Recovered recovered, SegmentHeader known) throws IOException {
    KeptSegment first = recovered.kept().get(0);
    if (!first.header().logId().equals(known.logId())) {
      return false;
    }
    if (first.number() > known.number()) {
      return true;
    }
    for (KeptSegment kept : recovered.kept()) {
      if (kept.header().equals(known) && kept.end() >= end) {
        return isKept();
      }
    }
    return false;
  }

  private void adopt(@Nullable Recovered recovered, boolean contained) {
    if (recovered == null) {
      return;
    }
    boolean wasThere = header != null;
    View before = view;
    long lastKept = Math.min(before.durableIndex(), leastKept(recovered));
    Cuts front = before.frontCuts();
    Cuts back = before.endCuts();
    take(recovered);
    if (wasThere && contained) {
      long lastBefore = recovered.kept().get(0).header().bounds().last();
      front = front.with(-Math.max(lastBefore, before.last() + 1));
    } else if (wasThere) {
      back = back.with(lastKept);
    }
    state.cuts(front, back);
    dead = Set.of();
    view = state.view(end, point.index(state.last()));
    if (wasThere && !contained) {
      cutsTakenBack = back.count();
    }
  }

  /** The least that any truncation in the segments kept has left. */
  private static long leastKept(Recovered recovered) {
    long least = Long.MAX_VALUE;
    for (KeptSegment kept : recovered.kept()) {
      Effects effects = kept.effects();
      if (effects.truncateAfter() != Effects.NONE) {
        least = Math.min(least, effects.truncateAfter());
      }
      if (effects.reset() != Effects.NONE) {
        least = -1;
      }
    }
    return least;
  }
}
