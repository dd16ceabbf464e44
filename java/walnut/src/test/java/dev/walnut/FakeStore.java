package dev.walnut;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.internal.segment.EntryCursor;
import dev.walnut.internal.segment.EntryStore;
import dev.walnut.internal.segment.LogBackup;
import dev.walnut.internal.segment.RecoverySummary;
import dev.walnut.internal.segment.StoreCounts;
import dev.walnut.internal.segment.StoredEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A store in memory that a test can hold, fail and count. It fails when two threads write at once,
 * when a batch is not ended, and when it is used after it was closed.
 */
@SuppressWarnings("try") // a resource that marks a span of time
final class FakeStore implements EntryStore, StoreOpener {
  /** Where a store can be held or made to fail. */
  enum Step {
    FITS,
    SAVEPOINT,
    ADD,
    COMMIT,
    COMMITTED,
    SYNC,
    ROTATE,
    TAKE_CHORE,
    CHORE,
    MARK,
    FINISH
  }

  /** Runs at each step, on the thread that takes it. */
  interface Hook {
    void at(Step step) throws IOException;
  }

  /** One write call. */
  record Batch(List<StoredEntry> entries, boolean durable, boolean onVirtualThread) {
    int size() {
      return entries.size();
    }
  }

  final List<Batch> batches = new CopyOnWriteArrayList<>();
  final List<String> events = new CopyOnWriteArrayList<>();
  volatile Hook hook = step -> {};
  volatile int segmentEntriesMax = Integer.MAX_VALUE;
  volatile int choresPerRotation;
  volatile boolean sequential;
  volatile boolean closed;

  private final ConcurrentSkipListMap<Long, StoredEntry> visible = new ConcurrentSkipListMap<>();
  private final List<StoredEntry> open = new ArrayList<>();
  private final Deque<Chore> chores = new ArrayDeque<>();
  private final AtomicBoolean writing = new AtomicBoolean();
  private volatile long lastIndex;
  private volatile long durableIndex;
  private volatile int syncs;
  private volatile int rotations;
  private volatile int marks;
  private long pendingLast;
  private int savepoint;
  private int segmentEntries;
  private boolean markDue;

  // ---- opening

  @Override
  public OpenedStore open(WalConfig config) {
    sequential = config.indexOrder() == IndexOrder.SEQUENTIAL;
    RecoverySummary recovery =
        new RecoverySummary(true, 1, 0, 0, 0, 0, null, 0, List.of(), List.of());
    return new OpenedStore(this, recovery, "fake", "a test");
  }

  @Override
  public EntryStore openReadOnly(Path dir, String prefix) {
    return this;
  }

  // ---- hooks

  private void at(Step step) {
    try {
      hook.at(step);
    } catch (IOException e) {
      throw new AssertionError(step + " throws nothing checked", e);
    }
  }

  /** Holds the next thread that comes to a step. */
  Hold holdAt(Step step) {
    Hold hold = new Hold(step);
    hook = hold;
    return hold;
  }

  /** Lets go of what is held there; a step from then on fails once. */
  void thenFail(Hold hold, Step failing, IOException failure) {
    AtomicBoolean failed = new AtomicBoolean();
    hook =
        step -> {
          if (step == failing && failed.compareAndSet(false, true)) {
            throw failure;
          }
        };
    hold.release();
  }

  /** Lets go of what is held: there it fails. */
  void thenFailNow(Hold hold, IOException failure) {
    hold.failure = failure;
    hold.release();
  }

  /** Throws each time a step is taken. */
  void failAt(Step failing, Throwable failure) {
    hook =
        step -> {
          if (step == failing) {
            FakeStore.<RuntimeException>sneak(failure);
          }
        };
  }

  @SuppressWarnings("unchecked")
  static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }

  static final class Hold implements Hook {
    private final Step held;
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile IOException failure;

    Hold(Step held) {
      this.held = held;
    }

    @Override
    public void at(Step step) throws IOException {
      if (step == held && released.getCount() > 0) {
        arrived.countDown();
        uninterruptibly(released);
        if (failure != null) {
          throw failure;
        }
      }
    }

    void awaitArrival() {
      uninterruptibly(arrived);
    }

    void release() {
      released.countDown();
    }

    private static void uninterruptibly(CountDownLatch latch) {
      boolean interrupted = false;
      while (latch.getCount() > 0) {
        try {
          latch.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Runs one writing call, and makes sure that it is the only one. */
  private AutoClosing writer() {
    if (closed) {
      throw new AssertionError("written after close");
    }
    if (!writing.compareAndSet(false, true)) {
      throw new AssertionError("two threads write at once");
    }
    return () -> writing.set(false);
  }

  private interface AutoClosing extends AutoCloseable {
    @Override
    void close();
  }

  // ---- writing

  @Override
  public long pendingLastIndex() {
    return open.isEmpty() ? lastIndex : pendingLast;
  }

  @Override
  public int pendingEntries() {
    return open.size();
  }

  @Override
  public long pendingBytes() {
    long truncation = takenAway == null ? 0 : 32;
    return truncation
        + open.stream().mapToLong(entry -> entry.key().length() + entry.value().length + 32).sum();
  }

  @Override
  public boolean fits(int entries, long recordBytes) {
    at(Step.FITS);
    int used = segmentEntries + open.size();
    return used == 0 || used + entries <= segmentEntriesMax;
  }

  @Override
  public void savepoint() {
    at(Step.SAVEPOINT);
    savepoint = open.size();
  }

  @Override
  public void rollback() {
    takenAway = null;
    open.subList(savepoint, open.size()).clear();
    findPendingLast();
  }

  private void findPendingLast() {
    pendingLast = lastIndex;
    open.forEach(entry -> pendingLast = Math.max(pendingLast, entry.index()));
  }

  @Override
  public void addEntry(long index, String key, int keyBytes, ByteBuffer value, boolean joined) {
    byte[] copy = new byte[value.remaining()];
    value.get(value.position(), copy);
    add(index, key, keyBytes, copy);
  }

  @Override
  public void addEntry(
      long index, String key, int keyBytes, byte[] value, int from, int length, boolean joined) {
    byte[] copy = new byte[length];
    System.arraycopy(value, from, copy, 0, length);
    add(index, key, keyBytes, copy);
  }

  private void add(long index, String key, int keyBytes, byte[] value) {
    try (AutoClosing w = writer()) {
      if (key.getBytes(StandardCharsets.UTF_8).length != keyBytes) {
        throw new AssertionError("keyBytes is " + keyBytes);
      }
      if (sequential && index != pendingLastIndex() + 1) {
        throw new NonSequentialIndexException(index, pendingLastIndex() + 1, "a test");
      }
      if (visible.containsKey(index) || open.stream().anyMatch(e -> e.index() == index)) {
        throw new DuplicateIndexException(index);
      }
      long last = Math.max(pendingLastIndex(), index);
      open.add(new StoredEntry(index, key, value, false));
      pendingLast = last;
      at(Step.ADD);
    }
  }

  @Override
  public boolean addTombstone(long index) {
    StoredEntry entry = visible.get(index);
    if (entry == null || entry.tombstone()) {
      return false;
    }
    long last = pendingLastIndex();
    open.add(new StoredEntry(index, entry.key(), new byte[0], true));
    pendingLast = last;
    return true;
  }

  @Override
  public long addTruncateBefore(long firstKept) {
    add(new TakenAway(firstKept, Long.MAX_VALUE, Math.max(lastIndex, firstKept - 1)));
    return firstKept;
  }

  @Override
  public void addTruncateAfter(long lastKept) {
    add(new TakenAway(0, lastKept, lastKept));
  }

  @Override
  public void addReset(long nextIndex) {
    add(new TakenAway(0, -1, nextIndex - 1));
  }

  /** What a truncation in the open batch leaves. */
  private record TakenAway(long from, long to, long last) {}

  private TakenAway takenAway;

  private void add(TakenAway wanted) {
    if (!open.isEmpty() || takenAway != null) {
      throw new AssertionError("a truncation is a batch of its own");
    }
    at(Step.ADD);
    takenAway = wanted;
  }

  @Override
  public long floor() {
    return 0;
  }

  @Override
  public EntryStore.Hold hold(long fromIndex) {
    throw new AssertionError("not asked for here");
  }

  @Override
  public List<Long> holds() {
    return List.of();
  }

  @Override
  public void commit(boolean durable) throws IOException {
    try (AutoClosing w = writer()) {
      try {
        hook.at(durable && pendingBytes() == 0 ? Step.SYNC : Step.COMMIT);
      } catch (NoSpaceException e) {
        discard();
        throw e;
      }
      boolean virtual = VirtualThreads.isVirtual(Thread.currentThread());
      batches.add(new Batch(List.copyOf(open), durable, virtual));
      open.forEach(entry -> visible.put(entry.index(), entry));
      lastIndex = pendingLastIndex();
      takeAway();
      segmentEntries += open.size();
      open.clear();
      if (durable) {
        synced();
      }
      hook.at(Step.COMMITTED);
    }
  }

  private void takeAway() {
    TakenAway away = takenAway;
    if (away != null) {
      visible.keySet().removeIf(index -> index < away.from() || index > away.to());
      lastIndex = away.last();
      takenAway = null;
      events.add("truncated");
    }
  }

  private void synced() {
    syncs++;
    durableIndex = lastIndex;
    markDue = true;
  }

  /** As when a chore has synced everything. */
  void becomeDurable() {
    durableIndex = lastIndex;
  }

  @Override
  public void discard() {
    open.clear();
    takenAway = null;
  }

  @Override
  public void sync() throws IOException {
    try (AutoClosing w = writer()) {
      hook.at(Step.SYNC);
      synced();
      events.add("sync");
    }
  }

  @Override
  public boolean markDue() {
    return markDue;
  }

  @Override
  public void mark() throws IOException {
    try (AutoClosing w = writer()) {
      hook.at(Step.MARK);
      markDue = false;
      marks++;
      events.add("mark");
    }
  }

  @Override
  public void rotate() throws IOException {
    try (AutoClosing w = writer()) {
      if (!open.isEmpty()) {
        throw new AssertionError("rotated with an open batch");
      }
      hook.at(Step.ROTATE);
      segmentEntries = 0;
      rotations++;
      for (int i = 0; i < choresPerRotation; i++) {
        chores.add(() -> hook.at(Step.CHORE));
      }
    }
  }

  @Override
  public LogBackup beginBackup() {
    throw new UnsupportedOperationException("holds no files");
  }

  @Override
  public Chore takeChore() {
    at(Step.TAKE_CHORE);
    return chores.poll();
  }

  @Override
  public void finish() throws IOException {
    try (AutoClosing w = writer()) {
      hook.at(Step.FINISH);
      synced();
      events.add("finish");
    }
  }

  @Override
  public void close() {
    closed = true;
    events.add("close");
  }

  // ---- reading

  private void requireOpen() {
    if (closed) {
      throw new AssertionError("read after close");
    }
  }

  @Override
  public StoredEntry get(long index) {
    requireOpen();
    return visible.get(index);
  }

  @Override
  public boolean contains(long index) {
    requireOpen();
    return visible.containsKey(index);
  }

  @Override
  public EntryCursor cursor(long from, boolean durableOnly) {
    requireOpen();
    return new FakeCursor(from, durableOnly);
  }

  /** Follows; nothing is ever truncated. */
  private final class FakeCursor implements EntryCursor {
    private final boolean durableOnly;
    private volatile long position;
    private Iterator<StoredEntry> entries;

    FakeCursor(long from, boolean durableOnly) {
      this.durableOnly = durableOnly;
      this.position = from;
      this.entries = take();
    }

    private Iterator<StoredEntry> take() {
      long to = durableOnly ? durableIndex : Long.MAX_VALUE;
      return new ArrayList<>(
              visible.tailMap(position, true).values().stream()
                  .filter(e -> e.index() <= to)
                  .toList())
          .iterator();
    }

    @Override
    public StoredEntry next() {
      requireOpen();
      if (!entries.hasNext()) {
        return null;
      }
      StoredEntry entry = entries.next();
      position = entry.index() + 1;
      return entry;
    }

    @Override
    public boolean look() {
      requireOpen();
      if (!entries.hasNext()) {
        entries = take();
      }
      return entries.hasNext();
    }

    @Override
    public boolean mayHaveMore() {
      return (durableOnly ? durableIndex : lastIndex) >= position;
    }
  }

  @Override
  public long firstIndex() {
    return visible.isEmpty() ? lastIndex + 1 : visible.firstKey();
  }

  @Override
  public long lastIndex() {
    return lastIndex;
  }

  @Override
  public long size() {
    return visible.size();
  }

  @Override
  public long durableIndex() {
    return durableIndex;
  }

  @Override
  public Removal nextRemoval() {
    return new Removal(List.of(), 0, 0, 0, 0);
  }

  @Override
  public StoreCounts counts() {
    long written = batches.stream().filter(batch -> batch.size() > 0).count();
    long entries = batches.stream().mapToLong(Batch::size).sum();
    return new StoreCounts(
        written, entries, 0, syncs, marks, rotations, 1 + rotations, 0, 0, 1 + rotations);
  }

  @Override
  public long syncs() {
    return syncs;
  }
}
