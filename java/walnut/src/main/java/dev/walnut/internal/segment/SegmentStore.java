package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.BATCH_HEADER_BYTES;
import static dev.walnut.internal.segment.Format.HEADER_BYTES;
import static dev.walnut.internal.segment.OpenBatch.HEADER_AT;
import static dev.walnut.internal.segment.OpenBatch.RECORDS_AT;
import static java.util.stream.Collectors.toSet;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.LogLockedException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskFullException;
import dev.walnut.internal.platform.DiskLock;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.LockHeldException;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The log's bytes: writes batches into the tail, rotates, and reads entries back. */
public final class SegmentStore implements EntryStore {
  /*
   * All state but the view belongs to the writer. Readers load the view once a call and use that
   * one; it is published after a batch is written and, if it is to be durable, synced. Chores work
   * on what they were given and tell their results through fields that the writer collects.
   */
  private static final System.Logger LOGGER = System.getLogger(SegmentStore.class.getName());
  private static final int MARK_BATCH_BYTES = BATCH_HEADER_BYTES + 32;

  private final StoreEnvironment environment;
  private final StoreOptions options;
  private final DiskLock lock;
  private final SegmentFiles files;
  private final RecoverySummary recovery;
  private final LogState state;
  private final List<Gap> gaps;
  private final OpenBatch batch;
  private final WritePlan plan;
  private final UnsyncedFiles unsynced = new UnsyncedFiles();
  private final SpaceAhead space;
  private final SyncCount syncs = new SyncCount();
  private final Deque<Chore> chores = new ArrayDeque<>();
  private final List<Sealing> sealings = new ArrayList<>();
  private Tail tail;
  private int numberMax;
  private @Nullable Preparation preparation;
  private List<IndexPart> removedAtHeader = List.of();
  private final Holds holds = new Holds();

  /** What the open batch will take away; null if it holds entries. */
  private @Nullable Truncation truncation;

  /** Every sequence up to it is durable. */
  private long durable;

  /** The last sequence that is not a mark's. */
  private long lastEntrySequence;

  /** The largest durable-through that was written, or that a mark had no room for. */
  private long vouched;

  private final Invariants invariants;

  private volatile View view;

  private final WriteCounts counts = new WriteCounts();

  SegmentStore(
      StoreEnvironment environment,
      StoreOptions options,
      DiskLock lock,
      OpenedLog opened,
      RecoverySummary recovery) {
    this.environment = environment;
    this.options = options;
    this.lock = lock;
    this.files = opened.files();
    this.recovery = recovery;
    this.state = opened.state();
    this.gaps = opened.gaps();
    this.tail = opened.tail();
    this.numberMax = opened.numberMax();
    this.batch = new OpenBatch(environment.disk(), options.batchBytesMax());
    this.plan = environment.disk().newPlan();
    this.space =
        new SpaceAhead(environment.disk(), files.directory().copiesOnWrite(), options, unsynced);
    this.durable = tail.sequence;
    this.lastEntrySequence = tail.sequence;
    this.invariants = new Invariants(files, tail);
    files.lowWater(state.lowWater());
    holds.settle(state.floor(), state.lowWater());
    this.view = state.view(tail.position, state.last());
  }

  /**
   * Opens a log for writing, or creates it.
   *
   * @throws LogLockedException if it is open elsewhere
   * @throws dev.walnut.exception.CorruptLogException if bytes that were durable are wrong or
   *     missing; nothing was changed
   * @throws dev.walnut.exception.TornLogException if a crash tore its end and that is not to be
   *     healed; nothing was changed
   * @throws NoSpaceException if there is no room for what opening writes; nothing is lost, and
   *     reading still works
   */
  public static SegmentStore open(StoreEnvironment environment, StoreOptions options)
      throws IOException {
    SegmentNames names = new SegmentNames(options.prefix());
    DiskDirectory directory = environment.disk().createDirectory(options.dir());
    try {
      DiskLock lock = lock(directory, names);
      try {
        return StoreOpening.open(environment, options, directory, names, lock);
      } catch (DiskFullException e) {
        lock.close();
        throw new NoSpaceException(
            "open " + options.dir() + ": no room for what opening writes: " + e.getMessage(), e);
      } catch (Throwable t) {
        lock.close();
        throw t;
      }
    } catch (Throwable t) {
      directory.close();
      throw t;
    }
  }

  static DiskLock lock(DiskDirectory directory, SegmentNames names) throws IOException {
    try {
      return directory.lock(names.lock());
    } catch (LockHeldException e) {
      throw new LogLockedException(
          "open "
              + directory.path().resolve(names.segment(0))
              + ": the log is open elsewhere: "
              + e.getMessage(),
          e);
    }
  }

  /** What opening found and did. */
  public RecoverySummary recovery() {
    return recovery;
  }

  /** The machine's body: {@code "native"} or {@code "java"}. */
  public String backend() {
    return environment.disk().name();
  }

  /** Why it is this body. */
  public String backendReason() {
    return environment.backendReason();
  }

  // ---- the open batch

  @Override
  public long pendingLastIndex() {
    return state.last();
  }

  @Override
  public int pendingEntries() {
    return batch.entries();
  }

  @Override
  public long pendingBytes() {
    return batch.recordBytes();
  }

  @Override
  public boolean fits(int entryCount, long recordBytes) {
    int limit = options.segmentEntriesMax();
    if (limit > 0
        && state.tailEntriesWritten() > 0
        && state.tailEntriesWritten() + entryCount > limit) {
      return false;
    }
    long overhead = BATCH_HEADER_BYTES + Format.BATCH_ALIGN;
    long end = tail.position + overhead + batch.recordBytes() + recordBytes;
    if (end <= options.segmentBytesMax()) {
      return true;
    }
    boolean largerThanSegment = HEADER_BYTES + overhead + recordBytes > options.segmentBytesMax();
    return largerThanSegment && batch.isEmpty() && state.tailEntriesWritten() == 0;
  }

  @Override
  public void savepoint() {
    batch.savepoint();
  }

  @Override
  public void rollback() {
    dropTruncation();
    batch.rollback(state);
  }

  @Override
  public void discard() {
    dropTruncation();
    batch.discard(state);
  }

  @Override
  public void addEntry(long index, String key, int keyBytes, ByteBuffer value, boolean joined) {
    int length = value.remaining();
    int at = layHead(index, key, keyBytes, length, joined);
    batch.memory().bytes().put(at, value, value.position(), length);
    added(index, at + length);
  }

  @Override
  public void addEntry(
      long index, String key, int keyBytes, byte[] value, int from, int length, boolean joined) {
    int at = layHead(index, key, keyBytes, length, joined);
    batch.memory().bytes().put(at, value, from, length);
    added(index, at + length);
  }

  /** Checks the index and lays out all but the value; returns where the value goes. */
  private int layHead(long index, String key, int keyBytes, int valueBytes, boolean joined) {
    requireFree(index);
    batch.reserve(RecordWriter.entryBytes(index, keyBytes, valueBytes));
    return RecordWriter.entryHead(
        batch.memory().bytes(), batch.end(), index, key, keyBytes, valueBytes, joined);
  }

  private void requireFree(long index) {
    if (index != state.last() + 1 || index < state.floor()) {
      requireAllowed(index);
    }
  }

  private void requireAllowed(long index) {
    if (index < state.floor()) {
      throw new NonSequentialIndexException(
          index, state.floor(), "indexes below the first kept one are not taken again");
    }
    try {
      if (state.contains(index)) {
        throw new DuplicateIndexException(index);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (options.sequential() && index != state.last() + 1) {
      throw new NonSequentialIndexException(index, state.last() + 1, "the log is sequential");
    }
  }

  private void added(long index, int end) {
    long lastBefore = state.last();
    state.addEntry(index, fileOffset(batch.end()));
    batch.addedEntry(end, index, lastBefore);
  }

  /** Where in the file a place in the open batch's memory will lie. */
  private int fileOffset(int place) {
    return tail.position + place - HEADER_AT;
  }

  @Override
  public boolean addTombstone(long index) {
    try {
      if (!state.contains(index) || batch.tombstones(index) || state.isTombstoned(index)) {
        return false;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    batch.reserve(Format.RECORD_BYTES_MIN + Long.BYTES);
    int end = RecordWriter.tombstone(batch.memory().bytes(), batch.end(), index);
    batch.addedTombstone(end, index, tail.sequence + batch.records() + 1);
    return true;
  }

  // ---- the open batch: taking away

  @Override
  public long addTruncateBefore(long firstKept) {
    long floor = holds.decideFloor(firstKept);
    if (floor == state.floor()) {
      return floor;
    }
    try {
      add(Truncation.Kind.BEFORE, floor, floor, state.kept(floor, Long.MAX_VALUE));
      return floor;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void addTruncateAfter(long lastKept) {
    if (lastKept >= state.last()) {
      return;
    }
    try {
      requireNotBelow(lastKept, view.first());
      add(Truncation.Kind.AFTER, lastKept, state.floor(), state.kept(0, lastKept));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireNotBelow(long lastKept, long first) {
    if (lastKept < first - 1) {
      throw new IllegalArgumentException(
          "lastKept: "
              + lastKept
              + " is out of range: the first index is "
              + first
              + ", so at least "
              + (first - 1));
    }
  }

  @Override
  public void addReset(long nextIndex) {
    try {
      add(Truncation.Kind.RESET, nextIndex, nextIndex, state.keptNone());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(Truncation.Kind kind, long index, long floor, LogState.Kept kept) {
    assert batch.isEmpty() : "a truncation is a batch of its own";
    batch.reserve(Truncation.BYTES_MAX);
    int oldest = holds.decideLowWater(kept.sealed().oldestInUse(tail.number()));
    boolean givesUp = oldest > state.lowWater();
    Truncation wanted = new Truncation(kind, index, floor, oldest, givesUp, kept);
    wanted.addTo(batch);
    truncation = wanted;
  }

  /** It will not come to it: nothing was changed but what holds were told. */
  private void dropTruncation() {
    truncation = null;
    holds.settle(state.floor(), state.lowWater());
  }

  /** Its records are durable. Files below low-water go behind the chores that still use them. */
  private void truncate(Truncation done) {
    done.apply(state, tail.sequence - batch.records() + 1);
    truncation = null;
    int lowWater = state.lowWater();
    List<IndexPart> removed = state.sealed().below(lowWater);
    if (!removed.isEmpty()) {
      state.dropBefore(lowWater);
      files.lowWater(lowWater);
      chores.add(new Retention(files, List.of(), removed, syncs));
      counts.deleted(removed.size());
    }
    holds.settle(state.floor(), lowWater);
  }

  // ---- writing

  @Override
  public void commit(boolean asked) throws IOException {
    Truncation wanted = truncation;
    boolean toBeDurable = asked || wanted != null;
    if (batch.isEmpty()) {
      if (toBeDurable) {
        sync();
      }
      return;
    }
    collect();
    makeSpace(toBeDurable);
    int entryCount = batch.entries();
    long bytes = write(Format.KIND_ENTRIES, toBeDurable);
    lastEntrySequence = tail.sequence;
    for (int i = 0; i < batch.tombstoneCount(); i++) {
      state.tombstone(batch.tombstone(i), batch.tombstoneSequence(i));
    }
    if (wanted != null) {
      truncate(wanted);
    }
    batch.clear();
    counts.batch(entryCount, bytes);
    publish();
  }

  /** Space for the batch is there before any byte of it is written, or it is refused. */
  private void makeSpace(boolean toBeDurable) throws IOException {
    long end = (long) tail.position + BATCH_HEADER_BYTES + batch.bodyBytes();
    try {
      space.take(tail, end, toBeDurable);
    } catch (DiskFullException e) {
      discard();
      throw new NoSpaceException(
          "write "
              + files.path(tail.number())
              + " at offset "
              + tail.position
              + ": no room for "
              + (end - tail.position)
              + " bytes: "
              + e.getReason(),
          e);
    }
  }

  /** Writes what the open batch holds as one batch; returns the bytes written. */
  private long write(int kind, boolean toBeDurable) throws IOException {
    int olderSyncs = toBeDurable ? unsynced.syncOthers(tail.file) : 0;
    int from = lay(kind);
    invariants.beforeWrite(tail, batch.memory().bytes(), HEADER_AT);
    long offset = tail.headerPending ? 0 : tail.position;
    int bytes = RECORDS_AT + batch.bodyBytes() - from;
    plan.span(batch.memory(), from, bytes);
    long lastSequence = tail.sequence + batch.records();
    if (toBeDurable) {
      boolean alone = unsynced.of(tail.number()) == null;
      tail.file.write(offset, plan, alone ? Durability.RANGE : Durability.FILE);
      syncs.add(olderSyncs + 1 + unsynced.syncNames(files.directory()));
    } else {
      tail.file.write(offset, plan, Durability.NONE);
    }
    wrote(toBeDurable, lastSequence);
    return bytes;
  }

  private void wrote(boolean toBeDurable, long lastSequence) throws IOException {
    vouched = Math.max(vouched, durable);
    invariants.wrote(batch.memory().bytes(), HEADER_AT);
    if (toBeDurable) {
      unsynced.clear();
      becameDurable(lastSequence);
    } else {
      unsynced.wrote(tail.number(), tail.file, lastSequence, batch.smallestIndex());
    }
    boolean headerWritten = tail.headerPending;
    tail.headerPending = false;
    tail.sequence = lastSequence;
    tail.chain = batch.memory().bytes().getInt(HEADER_AT + Format.BATCH_CRC_AT);
    tail.lastBatchAt = tail.position;
    tail.position += BATCH_HEADER_BYTES + batch.bodyBytes();
    tail.preparedTo = Math.max(tail.preparedTo, tail.position);
    tail.reservedTo = Math.max(tail.reservedTo, tail.position);
    if (headerWritten) {
      removeOldest();
    }
  }

  /** Lays out header and padding and plans every checksum; returns where the span starts. */
  private int lay(int kind) {
    Memory memory = batch.memory();
    ByteBuffer bytes = memory.bytes();
    plan.clear();
    if (tail.headerPending) {
      tail.stampHeader(durable, memory, plan);
    }
    for (int i = batch.end(); i < RECORDS_AT + batch.bodyBytes(); i++) {
      bytes.put(i, (byte) 0);
    }
    planRecords(memory, bytes);
    BatchHeader.encode(
        bytes,
        HEADER_AT,
        kind,
        batch.bodyBytes(),
        batch.records(),
        tail.sequence + 1,
        durable,
        tail.chain);
    plan.cover(memory, RECORDS_AT, batch.bodyBytes());
    plan.store(epoch(), salt(RECORDS_AT), memory, HEADER_AT + Format.BATCH_BODY_CRC_AT);
    plan.cover(memory, HEADER_AT, Format.BATCH_CRC_AT);
    plan.store(epoch(), salt(HEADER_AT), memory, HEADER_AT + Format.BATCH_CRC_AT);
    return tail.headerPending ? 0 : HEADER_AT;
  }

  private void planRecords(Memory memory, ByteBuffer bytes) {
    int place = RECORDS_AT;
    while (place < batch.end()) {
      int length = bytes.getInt(place + 4);
      plan.cover(memory, place + 4, length + 4);
      plan.store(epoch(), salt(place), memory, place);
      place += Format.RECORD_HEADER_BYTES + length;
    }
  }

  private long epoch() {
    return tail.header().epoch();
  }

  private long salt(int place) {
    return Format.saltHigh(tail.number(), fileOffset(place));
  }

  @Override
  public void sync() throws IOException {
    collect();
    if (unsynced.isEmpty()) {
      publishDurable();
      return;
    }
    int calls = unsynced.syncOthers(null);
    syncs.add(calls + unsynced.syncNames(files.directory()));
    unsynced.clear();
    becameDurable(tail.sequence);
    publish();
  }

  private void becameDurable(long throughSequence) throws IOException {
    invariants.durable(throughSequence);
    durable = throughSequence;
  }

  /** All is durable, perhaps since chores made it so: the view has to say it too. */
  private void publishDurable() throws IOException {
    if (view.durableIndex() != state.last()) {
      publish();
    }
  }

  @Override
  public boolean markDue() {
    return vouched < lastEntrySequence && lastEntrySequence <= durable;
  }

  @Override
  public void mark() throws IOException {
    try {
      space.takeJust(tail, tail.position + MARK_BATCH_BYTES);
    } catch (DiskFullException e) {
      vouched = Math.max(vouched, durable); // what it would vouch for is durable without it
      return;
    }
    mark(false);
  }

  void mark(boolean toBeDurable) throws IOException {
    collect();
    batch.reserve(32);
    batch.addedOther(
        RecordWriter.mark(batch.memory().bytes(), batch.end(), environment.random().getAsLong()));
    write(Format.KIND_MARK, toBeDurable);
    batch.clear();
    counts.mark();
    publish();
  }

  // ---- backup

  @Override
  public LogBackup beginBackup() throws IOException {
    sync();
    if (tail.headerPending || markDue()) {
      vouch();
    }
    publish();
    Set<Integer> unsealed =
        sealings.stream().filter(s -> !s.isDone()).map(Sealing::segment).collect(toSet());
    Hold hold = holds.take(0, state.lowWater());
    return new LogBackup(environment.disk(), files, view, unsealed, hold);
  }

  /** A copy whose end is damaged later must be told from one that a crash has torn. */
  private void vouch() throws IOException {
    int end = tail.position + MARK_BATCH_BYTES;
    try {
      space.takeJust(tail, end);
    } catch (DiskFullException e) {
      if (tail.headerPending) {
        String name = files.path(tail.number()).toString();
        throw new UncheckedIOException(
            new NoSpaceException(
                "write " + name + ": no room for its header: " + e.getReason(), e));
      }
      return; // a backup is wanted most when the disk is full; its end then looks torn if damaged
    }
    mark(true);
  }

  private void publish() throws IOException {
    if (unsynced.isEmpty()) {
      invariants.allDurable();
    }
    long smallest = unsynced.smallestIndex();
    view = state.view(tail.position, smallest == Long.MAX_VALUE ? state.last() : smallest - 1);
  }

  // ---- rotation

  @Override
  public void rotate() throws IOException {
    assert batch.isEmpty() : "a batch lies in one segment";
    collect();
    requireLock();
    NextFile made = nextFile();
    synchronized (holds) {
      start(made);
    }
  }

  /** Nobody takes a hold between the decision what goes and its being seen. */
  private void start(NextFile made) throws IOException {
    Tail next = Tail.rotated(nextHeader(made.number()), made.file(), made.zeroBytes());
    invariants.rotated(next.header());
    Tail old = tail;
    FooterContent content = old.content(state);
    state.sealTail(old.position);
    state.startTail(new Segment(next.header(), files));
    retain(next.header().lowWater());
    tail = next;
    counts.rotation();
    prepareNext();
    seal(old, content);
    publish();
  }

  /**
   * Whoever removes the lock file lets a second writer in. If it went with its directory, nobody.
   */
  private void requireLock() throws IOException {
    if (lock.isIntact()) {
      return;
    }
    try {
      files.directory().listFiles();
    } catch (FileSystemException e) {
      throw new NoSegmentException("start a segment: " + e.getReason(), e);
    }
    String lockFile = files.directory().path().resolve(files.names().lock()).toString();
    throw new LogLockedException(
        "start a segment: the lock file was removed or replaced, so another process may be writing"
            + " this log",
        new NoSuchFileException(lockFile));
  }

  /** The next segment's file: made ahead and durably named, or made just now. */
  private record NextFile(int number, DiskFile file, long zeroBytes) {}

  private NextFile nextFile() throws IOException {
    Preparation made = preparation;
    preparation = null;
    DiskFile file = made == null ? null : made.take();
    if (made != null && file != null) {
      return new NextFile(made.number(), file, made.zeroBytes());
    }
    // No file was made under the number of a preparation that came too late, or found no room.
    int number = made == null ? files.numberAfter(numberMax) : made.number();
    numberMax = Math.max(numberMax, number);
    DiskFile created = create(number);
    unsynced.named(number, created, tail.sequence);
    return new NextFile(number, created, 0);
  }

  private DiskFile create(int number) throws IOException {
    try {
      return files.directory().create(files.name(number));
    } catch (DiskFullException e) {
      throw new NoSpaceException(
          "create " + files.path(number) + ": no room for a segment: " + e.getReason(), e);
    } catch (FileSystemException e) {
      throw new NoSegmentException("start a segment: " + e.getReason(), e);
    }
  }

  private SegmentHeader nextHeader(int number) {
    long nowMillis = environment.wallClockMillis().getAsLong();
    RetentionPlan plan =
        RetentionPlan.of(
            options.retention(),
            state.sealed(),
            state.tail(),
            tail.position,
            state.size() > state.sealed().size(),
            nowMillis);
    int lowWater = holds.decideLowWater(plan.oldestKept(state.lowWater(), number));
    SegmentHeader header = tail.header();
    return new SegmentHeader(
        header.logId(),
        number,
        header.successorEpoch(),
        environment.random().getAsLong(),
        false,
        nowMillis,
        tail.sequence + 1,
        tail.facts(),
        lowWater,
        durable,
        state.bounds(),
        gaps.stream().filter(g -> g.lastSegment() >= lowWater).toList());
  }

  private void retain(int lowWater) {
    List<IndexPart> removed = new ArrayList<>(removedAtHeader);
    removed.addAll(state.sealed().below(lowWater));
    if (removed.size() > removedAtHeader.size()) {
      state.dropBefore(lowWater);
      files.lowWater(lowWater);
    }
    removedAtHeader = removed;
  }

  /*
   * The header that carries the low-water mark is written: once durable, the oldest go. Until then
   * they are part of the log, and are synced and sealed like any other: if one of them were skipped,
   * a power cut that takes that header along would leave a hole before what later footers call
   * durable.
   */
  private void removeOldest() {
    if (removedAtHeader.isEmpty()) {
      return;
    }
    chores.add(new Retention(files, unsynced.all(), removedAtHeader, syncs));
    counts.deleted(removedAtHeader.size());
    removedAtHeader = List.of();
  }

  private void prepareNext() {
    if (options.prepareAhead() && numberMax < SegmentNames.NUMBER_MAX) {
      Preparation next =
          new Preparation(files, ++numberMax, space.zeros(), space.zeroBytesOfNext());
      preparation = next;
      chores.add(next);
    }
  }

  private void seal(Tail old, FooterContent content) {
    UnsyncedFiles.Unsynced left =
        unsynced.all().stream().filter(u -> u.file == old.file).findFirst().orElse(null);
    Sealing sealing = new Sealing(files, old.file, content, left, syncs, options.prepareAhead());
    sealings.add(sealing);
    chores.add(sealing);
  }

  @Override
  public @Nullable Chore takeChore() {
    return chores.poll();
  }

  /** Picks up what chores have done. */
  private void collect() throws IOException {
    if (sealings.isEmpty() && unsynced.isEmpty()) {
      return;
    }
    long collected = unsynced.collect();
    if (collected > durable) {
      becameDurable(collected);
    }
    sealings.forEach(this::closeSoon);
    sealings.removeIf(Sealing::isClosed);
  }

  /** Files are closed by a chore of their own, behind every chore that may still use them. */
  private void closeSoon(Sealing sealing) {
    if (sealing.isDone() && !unsynced.holds(sealing.file())) {
      Chore closing = sealing.closing();
      if (closing != null) {
        chores.add(closing);
      }
    }
  }

  // ---- the end

  @Override
  public void finish() throws IOException {
    sync();
    try {
      sealTail();
    } catch (NoSpaceException | DiskFullException e) {
      // All is durable; opening does without the mark and the footer.
    }
    removeUnused();
  }

  /** The file made ahead holds nothing; if it stays, the next opening removes it. */
  private void removeUnused() {
    Preparation unused = preparation;
    DiskFile file = unused == null ? null : unused.take();
    if (unused == null || file == null) {
      return;
    }
    SegmentFiles.closeLogging(file);
    try {
      files.directory().delete(files.name(unused.number()));
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "close: a file made ahead stays", e);
    }
  }

  private void sealTail() throws IOException {
    if (tail.headerPending || markDue()) {
      mark(true);
    }
    FooterWriter.write(environment.disk(), tail.file, tail.content(state), durable);
    tail.file.sync();
    syncs.add(1);
  }

  @Override
  public void close() throws IOException {
    Closer closer = new Closer();
    closer.close(this::closeFiles);
    closer.close(lock);
    closer.close(files.directory());
    closer.rethrow();
  }

  /** Closes all but what it was given to open the log with. */
  void closeFiles() throws IOException {
    Closer closer = new Closer();
    closer.close(files::close);
    closer.close(tail.file);
    for (Sealing sealing : sealings) {
      closer.close(sealing.file());
    }
    Preparation unused = preparation;
    DiskFile file = unused == null ? null : unused.take();
    if (file != null) {
      closer.close(file);
    }
    closer.rethrow();
  }

  // ---- for any thread

  @Override
  public long floor() {
    return view.floor();
  }

  @Override
  public Hold hold(long fromIndex) {
    synchronized (holds) {
      return holds.take(fromIndex, view.oldestSegment(fromIndex));
    }
  }

  @Override
  public List<Long> holds() {
    return holds.fromIndexes();
  }

  // ---- reading

  @Override
  public @Nullable StoredEntry get(long index) throws IOException {
    return ViewReader.get(() -> view, index);
  }

  @Override
  public boolean contains(long index) throws IOException {
    return ViewReader.contains(view, index);
  }

  @Override
  public EntryCursor cursor(long from, boolean durableOnly) {
    return new FollowingCursor(() -> view, files, from, durableOnly);
  }

  @Override
  public long firstIndex() {
    return ViewReader.firstIndex(view);
  }

  @Override
  public long lastIndex() {
    return view.last();
  }

  @Override
  public long size() {
    return view.size();
  }

  @Override
  public long durableIndex() {
    return view.durableIndex();
  }

  @Override
  public Removal nextRemoval() {
    View now = view;
    long nowMillis = environment.wallClockMillis().getAsLong();
    RetentionPlan plan =
        RetentionPlan.of(
            options.retention(),
            now.sealed(),
            now.tail(),
            now.tailEnd(),
            now.size() > now.sealed().size(),
            nowMillis);
    int oldest = plan.oldestKept(0, now.tail().number() + 1);
    return RetentionPlan.removal(files, now, holds.oldestKept(oldest));
  }

  @Override
  public StoreCounts counts() {
    return counts.snapshot(syncs.get(), view);
  }

  @Override
  public long syncs() {
    return syncs.get();
  }

  /** The directory and prefix it was opened with; for messages. */
  public Path path() {
    return options.dir();
  }

  /**
   * Writes the footer of a segment that was found without one. It would speak of this log alone, so
   * none is written into a file that is part of a backup too.
   */
  void reseal(KeptSegment kept) throws IOException {
    FooterContent content = kept.content();
    if (content == null || kept.number() == tail.number() || !kept.hasBatches()) {
      return;
    }
    if (kept.found().footer() == null && !files.directory().isShared(files.name(kept.number()))) {
      try (DiskFile file = files.directory().open(files.name(kept.number()))) {
        FooterWriter.write(environment.disk(), file, content, durable);
      } catch (DiskFullException e) {
        // Opening does without a footer, next time too.
      }
    }
  }
}
