package dev.walnut;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.EntryTooLargeException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogLockedException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import dev.walnut.exception.QueueFullException;
import dev.walnut.exception.TornLogException;
import dev.walnut.exception.UnsupportedFormatException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.segment.EntryStore;
import dev.walnut.internal.segment.LogBackup;
import dev.walnut.internal.segment.LogSalvage;
import dev.walnut.internal.segment.LogVerifier;
import dev.walnut.internal.segment.StoreCounts;
import dev.walnut.internal.segment.UnsafeRecovery;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A write-ahead log. Safe for use by any number of threads; its own threads are daemons.
 *
 * <p><b>When a write is acknowledged</b> is decided by {@link WalConfig#syncMode}, and for single
 * writes by the methods whose names say {@code WithSync}: a blocking method returns, and a future
 * completes, when that promise is met. Writes of concurrent callers share one write call and one
 * sync. An acknowledged entry is visible to every reader.
 *
 * <p><b>Arguments</b> are read, never kept: an array or buffer may be reused once a method returns,
 * and a buffer's position does not move. {@code null} is refused; empty keys and values are legal.
 * A key that is not well-formed UTF-16 is refused.
 *
 * <p><b>Blocking writes</b> wait, if the queue is full, for room in it. Only this wait can be
 * interrupted, with {@link InterruptedIOException}, and then nothing was written. Later a write
 * does not return before its outcome is known, and the thread's interrupt status is kept. They
 * throw
 *
 * <ul>
 *   <li>{@link DuplicateIndexException} or {@link NonSequentialIndexException}: the log does not
 *       take the index. Nothing was written; other writes are unaffected.
 *   <li>{@link EntryTooLargeException}: nothing was queued.
 *   <li>{@link QueueFullException}, if the log is set to refuse rather than wait: nothing was
 *       queued.
 *   <li>{@link NoSpaceException}: the disk is full. Nothing was written, of this write and of those
 *       queued behind it; the log goes on and later writes may succeed.
 *   <li>another {@link IOException}: it could not be read whether the index is taken, or no segment
 *       could be started, for want of file handles, say; that is a plain {@link WalException}. As
 *       with a full disk, nothing was written and the log goes on.
 *   <li>{@link LogFailedException}: this or an earlier batch could not be written or synced. Its
 *       {@code outcome()} says whether this write may be there after reopening. The log takes no
 *       more writes until then; entries that were acknowledged can be read.
 *   <li>{@link LogClosedException}: the log is closed; nothing was written.
 * </ul>
 *
 * <p><b>Asynchronous writes</b> throw for bad arguments only; every other outcome, those above
 * included, comes through the future. With {@link WhenFull#WAIT} they too wait for room. Futures
 * are completed in the order written by one thread, or by {@link WalConfig#callbackExecutor}: a
 * slow callback delays later callbacks and nothing else. Cancelling or completing a future changes
 * nothing in the log.
 */
public final class Wal extends Reads {
  private final WalConfig config;
  private final StoreOpener.OpenedStore opened;
  private final EntryStore store;
  private final ReaderGate gate;
  private final Room room;
  private final FailureLatch latch;
  private final Followers followers;
  private final Watch watch;
  private final Threads threads;
  private final DurableWaiters durableWaiters;
  private final Completions completions;
  private final Housekeeper housekeeper;
  final CommitPath path;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Takes the log from the MBean server, if it is there. */
  private volatile Runnable unregister = () -> {};

  /** Whether closing has come so far that it will end; if not, it may be tried again. */
  private volatile boolean closeBegun;

  private Wal(
      WalConfig config,
      StoreOpener.OpenedStore opened,
      ReaderGate gate,
      FailureLatch latch,
      Followers followers,
      Watch watch,
      Threads threads) {
    super(opened.store(), gate, followers);
    String log = config.dir().resolve(config.prefix()).toString();
    this.config = config;
    this.opened = opened;
    this.store = opened.store();
    this.gate = gate;
    this.latch = latch;
    this.followers = followers;
    this.watch = watch;
    this.threads = threads;
    room = new Room(config, watch);
    durableWaiters = new DurableWaiters(store, gate, latch, config);
    completions = new Completions(log, durableWaiters, config.callbackExecutor());
    housekeeper = new Housekeeper(log, latch, completions, followers, threads);
    path =
        new CommitPath(
            log, store, config, room, latch, housekeeper, completions, followers, watch, threads);
  }

  // ---- opening

  /**
   * Opens a log, creating it if there is none, and recovers it from whatever ended its last use.
   * What that found and did is in {@link #recoveryReport}.
   *
   * @throws LogLockedException if it is open for writing already; nothing was touched
   * @throws CorruptLogException if bytes that were durable are wrong or missing; nothing was
   *     modified
   * @throws TornLogException with {@link RecoveryMode#STRICT}, if a crash tore its end; nothing was
   *     modified
   * @throws UnsupportedFormatException if a newer version of Walnut wrote it; nothing was modified
   * @throws NoSpaceException if there is no room for what opening writes; nothing is lost, and
   *     {@link #openReadOnly} still serves what is there
   * @throws IOException if it cannot be read or written
   */
  public static Wal open(WalConfig config) throws IOException {
    return open(config, SegmentStores.INTERNALS);
  }

  /** Opens the log in a directory with the settings of {@link WalConfig#forDatabase}. */
  public static Wal open(Path dir) throws IOException {
    return open(WalConfig.forDatabase(dir).build());
  }

  /**
   * Opens a log for reading: takes no lock, writes nothing and starts no thread. Works where
   * nothing can be written, and beside a writer in this process or another.
   *
   * <p>The reader shows the log as it was found, up to the last batch that was whole. It looks at
   * the files again only in {@link WalCursor#await}, and when a read finds that files are gone or
   * overwritten; from then on all its methods show what was found then. A cursor that waits may be
   * told of a new entry up to 64 ms late.
   *
   * <p>What is visible here may not be durable: if the system crashes, its writer's next life may
   * lack it. A cursor that has shown such entries gets {@link
   * dev.walnut.exception.TruncatedException}. With {@link ReadUpTo#DURABLE} it goes no further than
   * the files themselves vouch for, which is a batch behind the writer until that rests for a
   * moment, and nothing is taken back.
   *
   * @param dir the log's directory; must exist
   * @param prefix how the names of its files start
   * @throws CorruptLogException if bytes that were durable are wrong or missing
   * @throws UnsupportedFormatException if a newer version of Walnut wrote it
   * @throws IOException if it cannot be read
   */
  public static WalReader openReadOnly(Path dir, String prefix) throws IOException {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(prefix, "prefix");
    return openReadOnly(dir, prefix, SegmentStores.INTERNALS);
  }

  /**
   * Shows what lies in a log's files: segments, batches and records, each with its place and
   * whether it checks out. Takes no lock and writes nothing; what is damaged is shown, not thrown.
   *
   * @param dir the log's directory; must exist
   * @param prefix how the names of its files start
   * @throws IOException if a file cannot be read
   */
  public static void inspect(Path dir, String prefix, WalInspector inspector) throws IOException {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(inspector, "inspector");
    Inspection.run(dir, prefix, inspector);
  }

  /**
   * Gives up the segment files that are corrupt, so that the rest of the log opens; the entries in
   * them are lost. A log that is intact, or that a crash has merely torn, is left as it is.
   *
   * @param dir the log's directory; must exist
   * @param prefix how the names of its files start
   * @return the files removed, oldest first
   * @throws LogLockedException if the log is open for writing
   * @throws UnsupportedFormatException if a newer version of Walnut wrote it; nothing was modified
   * @throws IOException if the files cannot be read or written; the log is then as corrupt as
   *     before, and this may be called again
   */
  public static List<Path> unsafeRecover(Path dir, String prefix) throws IOException {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(prefix, "prefix");
    return VirtualThreads.callPinning(
        "walnut-recover",
        () -> UnsafeRecovery.run(SegmentStores.environment(Backend.AUTO), dir, prefix));
  }

  /**
   * Reads the whole of a log, every header, batch, record and footer, and tells what is wrong with
   * it. Takes no lock and writes nothing. A log may be open and written to meanwhile: a write in
   * progress is at most told as torn.
   *
   * <p>Time is linear in the size of the files. Memory is that of the largest segment's index.
   *
   * @param dir the log's directory; must exist
   * @param prefix how the names of its files start
   * @throws WalException if a salvage of the log was interrupted and has to be finished first
   * @throws IOException if a file cannot be read
   */
  public static VerifyReport verify(Path dir, String prefix, VerifyListener listener)
      throws IOException {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(listener, "listener");
    return new VerifyReport(
        LogVerifier.verify(
            SegmentStores.environment(Backend.AUTO), dir, prefix, VerifyReport.teller(listener)));
  }

  /** {@link #verify(Path, String, VerifyListener)} without a listener. */
  public static VerifyReport verify(Path dir, String prefix) throws IOException {
    return verify(dir, prefix, VerifyListener.NONE);
  }

  /**
   * Makes a log that opens of what is intact in a corrupt one. Every entry whose record is intact
   * is kept, in the order written, with its index, and every write batch whole or not at all; an
   * entry that follows lost bytes directly may be dropped if nothing tells that it did not belong
   * to a write batch with them. Tombstones, truncations and resets are applied as far as anything
   * intact tells of them. The report says what is kept, what is not, and what is uncertain. Indexes
   * that are lost stay missing, in a {@link IndexOrder#SEQUENTIAL} log too.
   *
   * <p>Nothing is destroyed. {@link SalvageMode#APPLY} builds a new log, with an id of its own, in
   * the folder {@code prefix}{@code salvage} beside the old one, reads it back, and then swaps the
   * two by renaming files: the old ones go to a folder {@code prefix}{@code quarantine_N}, where
   * they stay. An error or a crash leaves the old log as it was, or, once files are being moved, a
   * log that does not open until salvage was called again, which finishes the move.
   *
   * <p>A log that opens, because it is intact or merely torn, is left as it is.
   *
   * @param dir the log's directory; must exist
   * @param prefix how the names of its files start
   * @param mode whether to do it, or only to tell what it would do
   * @throws LogLockedException if it is to be done and the log is open for writing
   * @throws UnsupportedFormatException if a newer version of Walnut wrote it; nothing was modified
   * @throws NoSpaceException if there is no room for the new log; nothing is lost
   * @throws IOException if the files cannot be read or written; nothing is lost, and this may be
   *     called again
   */
  public static SalvageReport salvage(Path dir, String prefix, SalvageMode mode)
      throws IOException {
    return salvage(dir, prefix, mode, VerifyListener.NONE);
  }

  /** {@link #salvage(Path, String, SalvageMode)} that tells how far it has come. */
  public static SalvageReport salvage(
      Path dir, String prefix, SalvageMode mode, VerifyListener listener) throws IOException {
    Objects.requireNonNull(dir, "dir");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(listener, "listener");
    return VirtualThreads.callPinning(
        "walnut-salvage",
        () ->
            new SalvageReport(
                LogSalvage.run(
                    SegmentStores.environment(Backend.AUTO),
                    dir,
                    prefix,
                    mode == SalvageMode.APPLY,
                    VerifyReport.teller(listener))));
  }

  static Wal open(WalConfig config, Internals internals) throws IOException {
    Objects.requireNonNull(config, "config");
    String log = config.dir().resolve(config.prefix()).toString();
    Watch watch = new Watch(Events.of(log), internals.threads());
    StoreOpener.OpenedStore opened =
        VirtualThreads.callPinning("walnut-open", () -> open(config, internals, watch));
    try {
      ReaderGate gate = new ReaderGate(log);
      FailureLatch latch = new FailureLatch();
      Followers followers = new Followers(gate, latch, internals.threads());
      Wal wal = new Wal(config, opened, gate, latch, followers, watch, internals.threads());
      wal.start(internals.threads());
      wal.register();
      return wal;
    } catch (Throwable t) {
      closeAfter(t, opened.store());
      throw t;
    }
  }

  private static StoreOpener.OpenedStore open(WalConfig config, Internals internals, Watch watch)
      throws IOException {
    Events.Recovery event = watch.events().recovery();
    long start = internals.threads().nanoTime();
    StoreOpener.OpenedStore opened = internals.stores().open(config);
    watch.opened(internals.threads().nanoTime() - start);
    if (event != null) {
      event.end(opened.recovery(), opened.store().size());
    }
    return opened;
  }

  static WalReader openReadOnly(Path dir, String prefix, Internals internals) throws IOException {
    ReaderGate gate = new ReaderGate(dir.resolve(prefix).toString());
    return new ReadOnlyWal(internals.stores().openReadOnly(dir, prefix), gate, internals.threads());
  }

  private void start(Threads threads) {
    try {
      threads.start(path.logThread());
      threads.start(completions);
      threads.start(housekeeper);
    } catch (Throwable t) {
      path.logThread().stop();
      completions.stop();
      housekeeper.stop();
      throw t;
    }
  }

  private void register() {
    if (!config.registersMBean()) {
      return;
    }
    // A runtime without the module must not meet the class that names its types.
    if (ModuleLayer.boot().findModule("java.management").isPresent()) {
      unregister = WalBean.register(this);
    } else {
      Worker.log(
          System.Logger.Level.WARNING,
          "open " + config.dir() + ": not shown by JMX: this Java has no module java.management",
          null);
    }
  }

  /** Undoes opening: a lock must not outlive it. */
  private static void closeAfter(Throwable cause, EntryStore store) {
    try {
      store.close();
    } catch (Throwable t) {
      cause.addSuppressed(t);
    }
  }

  // ---- writing and waiting

  /**
   * Writes one entry and returns when the configured sync mode is met; for errors see above.
   *
   * @param index 0 to {@code Long.MAX_VALUE - 1}; not in the log yet, and with {@link
   *     IndexOrder#SEQUENTIAL} the last index + 1
   * @param key well-formed UTF-16; may be empty
   * @param value may be empty; key and value take at most {@code maxEntryBytes}
   * @return the index
   */
  public long write(long index, String key, byte[] value) throws IOException {
    return write(Arguments.requireIndex(index), key, value, config.acknowledgesDurable());
  }

  /** As {@link #write(long, String, byte[])}, with the bytes from position to limit. */
  public long write(long index, String key, ByteBuffer value) throws IOException {
    return write(Arguments.requireIndex(index), key, value, config.acknowledgesDurable());
  }

  /**
   * Writes the entries of a batch, all or none, under their indexes; returns when the configured
   * sync mode is met. An empty batch does nothing.
   *
   * @return the largest index of the batch; {@link #lastIndex} if it is empty
   */
  public long write(WriteBatch batch) throws IOException {
    return write(batch, config.acknowledgesDurable());
  }

  /**
   * Writes one entry under the next index, the last + 1, and an empty key; returns when the
   * configured sync mode is met.
   *
   * @param value may be empty; at most {@code maxEntryBytes}
   * @return the index assigned
   */
  public long append(byte[] value) throws IOException {
    return append("", value);
  }

  /** As {@link #append(byte[])}, with the bytes from position to limit. */
  public long append(ByteBuffer value) throws IOException {
    return append("", value);
  }

  /** As {@link #append(byte[])}, with a key. */
  public long append(String key, byte[] value) throws IOException {
    return write(EntryRequest.NEXT_INDEX, key, value, config.acknowledgesDurable());
  }

  /** As {@link #append(String, byte[])}, with the bytes from position to limit. */
  public long append(String key, ByteBuffer value) throws IOException {
    return write(EntryRequest.NEXT_INDEX, key, value, config.acknowledgesDurable());
  }

  /**
   * Writes the entries of a batch, all or none, under the next indexes, in the order added; returns
   * when the configured sync mode is met. An empty batch does nothing.
   *
   * @return the last index assigned; {@link #lastIndex} if the batch is empty
   */
  public long append(WriteBatch batch) throws IOException {
    return append(batch, config.acknowledgesDurable());
  }

  /** As {@link #write(long, String, byte[])}; returns when durable, whatever the mode. */
  public long writeWithSync(long index, String key, byte[] value) throws IOException {
    return write(Arguments.requireIndex(index), key, value, /* durable= */ true);
  }

  /** As {@link #write(long, String, ByteBuffer)}; returns when durable, whatever the mode. */
  public long writeWithSync(long index, String key, ByteBuffer value) throws IOException {
    return write(Arguments.requireIndex(index), key, value, /* durable= */ true);
  }

  /** As {@link #write(WriteBatch)}; returns when durable, whatever the mode. */
  public long writeWithSync(WriteBatch batch) throws IOException {
    return write(batch, /* durable= */ true);
  }

  /** As {@link #append(byte[])}; returns when durable, whatever the mode. */
  public long appendWithSync(byte[] value) throws IOException {
    return appendWithSync("", value);
  }

  /** As {@link #append(ByteBuffer)}; returns when durable, whatever the mode. */
  public long appendWithSync(ByteBuffer value) throws IOException {
    return appendWithSync("", value);
  }

  /** As {@link #append(String, byte[])}; returns when durable, whatever the mode. */
  public long appendWithSync(String key, byte[] value) throws IOException {
    return write(EntryRequest.NEXT_INDEX, key, value, /* durable= */ true);
  }

  /** As {@link #append(String, ByteBuffer)}; returns when durable, whatever the mode. */
  public long appendWithSync(String key, ByteBuffer value) throws IOException {
    return write(EntryRequest.NEXT_INDEX, key, value, /* durable= */ true);
  }

  /** As {@link #append(WriteBatch)}; returns when durable, whatever the mode. */
  public long appendWithSync(WriteBatch batch) throws IOException {
    return append(batch, /* durable= */ true);
  }

  /**
   * Takes an entry's value away: it stays, with its key, an empty value and {@link
   * WalEntry#isTombstone}. An absent index, or a second time, changes nothing. Returns when the
   * configured sync mode is met; for errors see above.
   */
  public void tombstone(long index) throws IOException {
    Arguments.requireIndex(index);
    submitAndWait(
        new TombstoneRequest(Thread.currentThread(), config.acknowledgesDurable(), index));
  }

  // ---- taking away

  /**
   * Removes every entry below an index; from then on those indexes are refused. One atomic step,
   * behind every write that was queued before, and durable on return in every sync mode; for errors
   * see above, and {@link #truncateAfter}.
   *
   * <p>It goes no farther than the lowest {@link #hold}, and never back: a smaller index than
   * before changes nothing. Segments that hold nothing any more are deleted soon after.
   *
   * @param firstKept 0 to {@code Long.MAX_VALUE - 1}. May be above {@link #lastIndex} + 1: then the
   *     log is empty, the last index is {@code firstKept} − 1 and the next one {@code firstKept},
   *     also after reopening
   * @return the first index really kept: everything below is gone and refused. Smaller than {@code
   *     firstKept} if a hold was in the way, larger if as much was truncated before
   */
  public long truncateBefore(long firstKept) throws IOException {
    return truncate(TruncateRequest.Part.BEFORE, Arguments.requireIndex("firstKept", firstKept));
  }

  /**
   * Removes every entry above an index, which becomes the last, also where it was never written;
   * the indexes above are free again. If the last index is not above it, nothing happens. One
   * atomic step, behind every write that was queued before, and durable on return in every sync
   * mode; for errors see above. After {@link LogFailedException} with an unknown outcome it has
   * happened altogether or not at all, and opening the log tells.
   *
   * <p>Holds do not stop it, since it takes nothing away at the front. The files that it empties
   * are deleted when those before them are.
   *
   * <p>Who reads what was there before goes on to see it, or gets {@code CompactedException}, and
   * never an entry that was written since under the same index.
   *
   * @param lastKept 0 to {@code Long.MAX_VALUE - 1}, and at least {@link #firstIndex} − 1, which
   *     leaves nothing
   * @throws IllegalArgumentException if it is below that; nothing was removed
   */
  public void truncateAfter(long lastKept) throws IOException {
    truncate(TruncateRequest.Part.AFTER, Arguments.requireIndex("lastKept", lastKept));
  }

  /**
   * Removes every entry and chooses the next index, larger or smaller than any before; indexes
   * below it are refused from then on. The last index becomes {@code nextIndex} − 1. One atomic
   * step, behind every write that was queued before, and durable on return in every sync mode; for
   * errors see above, and {@link #truncateAfter}.
   *
   * <p>Holds do not stop it, but the files of what they hold stay, and go with a later truncation.
   * The other files are deleted soon after.
   *
   * @param nextIndex 0 to {@code Long.MAX_VALUE - 1}
   */
  public void reset(long nextIndex) throws IOException {
    truncate(TruncateRequest.Part.ALL, Arguments.requireIndex("nextIndex", nextIndex));
  }

  private long truncate(TruncateRequest.Part part, long index) throws IOException {
    return submitAndWait(new TruncateRequest(Thread.currentThread(), part, index));
  }

  /**
   * Keeps entries at or above an index, and those written later, from being deleted by retention or
   * truncated from the front, until the hold is closed. Holds win over every setting; several may
   * be taken, and {@link #stats} lists them. They end with the log and are not stored.
   *
   * <p>A hold is taken at once, without waiting for a write, also on a log that has failed. What
   * was given up before is not brought back: if {@link #truncateBefore} has begun with a larger
   * index, the hold begins there, which {@link WalHold#fromIndex} tells; of what retention has
   * deleted there is nothing to hold. So look at {@link #firstIndex} after taking a hold, not
   * before. {@link #truncateAfter} and {@link #reset} are not stopped.
   *
   * @param fromIndex 0 to {@code Long.MAX_VALUE - 1}; need not exist
   * @throws LogClosedException if the log is closed
   */
  public WalHold hold(long fromIndex) {
    Arguments.requireIndex("fromIndex", fromIndex);
    int lane = gate.enter("hold");
    try {
      return new WalHold(store.hold(fromIndex));
    } finally {
      gate.leave(lane);
    }
  }

  // ---- making durable

  /**
   * Makes everything written before durable.
   *
   * @return the durable index, see {@link #durableIndex}
   * @throws LogFailedException if the sync, or anything before, failed
   */
  public long sync() throws IOException {
    return submitAndWait(new SyncRequest(Thread.currentThread()));
  }

  // ---- backup

  /**
   * Copies the log, as it is when the turn of this call comes, into an empty directory, while
   * writes go on. Everything written before is in the copy, nothing written later is, and all of it
   * is durable on return, here and there. The copy is a log like any other, with the same prefix:
   * it opens, for writing too, and goes its own way. Verify what you keep: a segment that is
   * damaged here is copied as it is.
   *
   * <p>Segments that are full are hard-linked where the file system can and tells the names of a
   * file, and otherwise copied; the newest is always copied, up to its end. A link takes no space,
   * and neither log ever changes it, but it is the same file: against a disk that loses data, back
   * up to another file system.
   *
   * <p>Until this returns, retention deletes nothing, and {@link #truncateBefore} takes nothing
   * away, as under a {@link #hold} of all there is. Writing waits for the sync only. Copying runs
   * on the calling thread.
   *
   * @param target an empty directory, or a missing one, which is created with its parents; not the
   *     log's own, and not in it
   * @throws IllegalArgumentException if it is one of these; nothing was touched
   * @throws WalException if there is something in it; nothing was touched
   * @throws NoSpaceException if the target is full. As after any other {@link IOException} of the
   *     target, the log goes on, and what was made is removed again; if that fails too, or if the
   *     process ends on the way, what is there does not open: delete it
   * @throws LogFailedException if the log has failed, or its sync did; the target is as it was.
   *     Reopen the log, which finds out what it holds, and back up that
   * @throws LogClosedException if the log is closed, or was on the way, which ends a backup as an
   *     error of the target does
   */
  public BackupReport backup(Path target) throws IOException {
    return backup(target, VerifyListener.NONE);
  }

  /** {@link #backup(Path)} that tells how far it has come, in bytes. */
  public BackupReport backup(Path target, VerifyListener listener) throws IOException {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(listener, "listener");
    return VirtualThreads.callPinning("walnut-backup", () -> backUp(target, listener));
  }

  private BackupReport backUp(Path target, VerifyListener listener) throws IOException {
    requireOpen("backup");
    BackupTarget.require(target, config.dir());
    BackupRequest request = new BackupRequest(Thread.currentThread());
    submitAndWait(request);
    try (LogBackup backup = request.backup()) {
      return new BackupReport(
          backup.copyTo(
              target,
              (bytes, bytesTotal) -> {
                requireOpen("backup");
                listener.progress(bytes, bytesTotal);
              }));
    } catch (ClosedChannelException e) {
      requireOpen("backup");
      throw e;
    }
  }

  private void requireOpen(String operation) {
    gate.leave(gate.enter(operation));
  }

  // ---- writing and being told later

  /**
   * Writes one entry; the future completes with the index when the configured sync mode is met. The
   * value is copied.
   *
   * @param index 0 to {@code Long.MAX_VALUE - 1}; see {@link #write(long, String, byte[])}
   * @param key well-formed UTF-16; may be empty
   * @param value may be empty; key and value take at most {@code maxEntryBytes}
   */
  public CompletableFuture<Long> writeAsync(long index, String key, byte[] value) {
    return writeAsync(Arguments.requireIndex(index), key, value, config.acknowledgesDurable());
  }

  /** As {@link #writeAsync(long, String, byte[])}, with the bytes from position to limit. */
  public CompletableFuture<Long> writeAsync(long index, String key, ByteBuffer value) {
    return writeAsync(Arguments.requireIndex(index), key, value, config.acknowledgesDurable());
  }

  /** As {@link #write(WriteBatch)}; the future completes when the configured sync mode is met. */
  public CompletableFuture<Long> writeAsync(WriteBatch batch) {
    return writeAsync(batch, config.acknowledgesDurable());
  }

  /**
   * Writes one entry under the next index and an empty key; the future completes with the index
   * when the configured sync mode is met. Indexes are assigned in the order of these calls.
   */
  public CompletableFuture<Long> appendAsync(byte[] value) {
    return appendAsync("", value);
  }

  /** As {@link #appendAsync(byte[])}, with the bytes from position to limit. */
  public CompletableFuture<Long> appendAsync(ByteBuffer value) {
    return appendAsync("", value);
  }

  /** As {@link #appendAsync(byte[])}, with a key. */
  public CompletableFuture<Long> appendAsync(String key, byte[] value) {
    return writeAsync(EntryRequest.NEXT_INDEX, key, value, config.acknowledgesDurable());
  }

  /** As {@link #appendAsync(String, byte[])}, with the bytes from position to limit. */
  public CompletableFuture<Long> appendAsync(String key, ByteBuffer value) {
    return writeAsync(EntryRequest.NEXT_INDEX, key, value, config.acknowledgesDurable());
  }

  /** As {@link #append(WriteBatch)}; the future completes when the configured sync mode is met. */
  public CompletableFuture<Long> appendAsync(WriteBatch batch) {
    return appendAsync(batch, config.acknowledgesDurable());
  }

  /** As {@link #writeAsync(long, String, byte[])}; the future completes when durable. */
  public CompletableFuture<Long> writeWithSyncAsync(long index, String key, byte[] value) {
    return writeAsync(Arguments.requireIndex(index), key, value, /* durable= */ true);
  }

  /** As {@link #writeAsync(long, String, ByteBuffer)}; the future completes when durable. */
  public CompletableFuture<Long> writeWithSyncAsync(long index, String key, ByteBuffer value) {
    return writeAsync(Arguments.requireIndex(index), key, value, /* durable= */ true);
  }

  /** As {@link #writeAsync(WriteBatch)}; the future completes when durable. */
  public CompletableFuture<Long> writeWithSyncAsync(WriteBatch batch) {
    return writeAsync(batch, /* durable= */ true);
  }

  /** As {@link #appendAsync(byte[])}; the future completes when durable. */
  public CompletableFuture<Long> appendWithSyncAsync(byte[] value) {
    return appendWithSyncAsync("", value);
  }

  /** As {@link #appendAsync(ByteBuffer)}; the future completes when durable. */
  public CompletableFuture<Long> appendWithSyncAsync(ByteBuffer value) {
    return appendWithSyncAsync("", value);
  }

  /** As {@link #appendAsync(String, byte[])}; the future completes when durable. */
  public CompletableFuture<Long> appendWithSyncAsync(String key, byte[] value) {
    return writeAsync(EntryRequest.NEXT_INDEX, key, value, /* durable= */ true);
  }

  /** As {@link #appendAsync(String, ByteBuffer)}; the future completes when durable. */
  public CompletableFuture<Long> appendWithSyncAsync(String key, ByteBuffer value) {
    return writeAsync(EntryRequest.NEXT_INDEX, key, value, /* durable= */ true);
  }

  /** As {@link #appendAsync(WriteBatch)}; the future completes when durable. */
  public CompletableFuture<Long> appendWithSyncAsync(WriteBatch batch) {
    return appendAsync(batch, /* durable= */ true);
  }

  /**
   * Returns a future that completes with the index once that index is written and durable. It ends
   * with {@link LogFailedException} if the log fails before, and with {@link LogClosedException} if
   * it is closed before. Waits for a sync, and asks for none.
   *
   * <p>An index that retention removes while the future is open counts as written. One that it
   * removed before may be written again with {@link IndexOrder#UNIQUE}, and is waited for; so is
   * one that {@link #truncateAfter} or {@link #reset} takes away, until it is written again. An
   * index below the first that {@link #truncateBefore} or {@link #reset} left is done with: it can
   * never be written again, and counts as durable.
   *
   * @param index 0 to {@code Long.MAX_VALUE - 1}
   */
  public CompletableFuture<Long> whenDurable(long index) {
    Arguments.requireIndex(index);
    CompletableFuture<Long> future = new CompletableFuture<>();
    durableWaiters.add(index, future);
    completions.durableMoved(true);
    completions.stepIfEnded();
    return future;
  }

  // ---- looking

  /**
   * The index up to which everything is durable: the last index if nothing is unsynced, else the
   * smallest unsynced index − 1. With {@link IndexOrder#UNIQUE} it may fall, when a smaller index
   * is written.
   *
   * @throws LogClosedException if the log is closed
   */
  public long durableIndex() {
    int lane = gate.enter("durableIndex");
    try {
      return store.durableIndex();
    } finally {
      gate.leave(lane);
    }
  }

  /** Figures of this moment; also of a closed log. */
  public WalStats stats() {
    StoreCounts counts = store.counts();
    Counters counters = path.counters();
    return new WalStats(
        opened.backend(),
        opened.backendReason(),
        counters.requests(),
        counts.batches(),
        counts.entries(),
        counts.bytesWritten(),
        counts.syncs(),
        counters.entriesPerBatchMax(),
        room.requests(),
        room.bytes(),
        counters.lastSyncNanos(),
        counters.slowSyncs(),
        counters.writesRefusedForSpace(),
        counters.outOfSpace(),
        counts.rotations(),
        counts.segments(),
        counts.segmentsDeleted(),
        housekeeper.pending(),
        store.holds(),
        Optional.ofNullable(latch.cause()),
        counters.syncTimer().snapshot(),
        counters.syncTimer().runningNanos(threads.nanoTime()),
        watch.queue().count(),
        watch.queue().nanos(),
        watch.housekeeper().count(),
        watch.housekeeper().nanos(),
        watch.queueFullRefusals(),
        counts.logBytes(),
        watch.openNanos());
  }

  /** The settings it was opened with. */
  public WalConfig config() {
    return config;
  }

  /**
   * A dry run of retention: what would be deleted if a segment were started now, by {@link
   * WalConfig#maxSegments}, {@link WalConfig#retainBytes} and {@link WalConfig#retainFor}, as far
   * as {@linkplain #hold holds} let it. Deletes nothing, and reads no file.
   *
   * @throws LogClosedException if the log is closed
   */
  public RetentionPreview retentionPreview() {
    int lane = gate.enter("retentionPreview");
    try {
      return new RetentionPreview(store.nextRemoval());
    } finally {
      gate.leave(lane);
    }
  }

  /** What opening found and did. */
  public RecoveryReport recoveryReport() {
    return new RecoveryReport(opened.recovery());
  }

  // ---- closing

  /**
   * Closes the log: writes what is queued, makes everything durable whatever the mode, and releases
   * the lock. Idempotent; a second caller waits for the first.
   *
   * <p>Every pending write ends exactly once: acknowledged, or with {@link LogClosedException} and
   * then it is not written. Futures of acknowledged writes may be completed a moment after this
   * returns; it does not wait for their callbacks.
   *
   * @throws LogFailedException if the log has failed, now or before: what was acknowledged as
   *     durable is so, what was not may be lost. All is released nevertheless
   */
  @Override
  public void close() throws IOException {
    if (closing.compareAndSet(false, true)) {
      try {
        // Not on the caller's stack: closing cannot be given up half way.
        VirtualThreads.callAside("walnut-close", this::closeOnce);
      } catch (Throwable t) {
        closing.set(closeBegun);
        throw t;
      } finally {
        if (closeBegun) {
          closed.countDown();
        }
      }
    } else {
      awaitClosed();
    }
  }

  private @Nullable Void closeOnce() throws IOException {
    closeBegun = true;
    unregister.run();
    room.close();
    path.close(this::endReading);
    followers.wakeAll();
    completions.durableMoved(true);
    housekeeper.stop();
    completions.stop();
    releaseStore();
    Throwable failure = latch.cause();
    if (failure != null) {
      throw Fate.UNKNOWN.thrown("close " + config.dir(), failure);
    }
    return null;
  }

  private void endReading() {
    durableWaiters.close();
    gate.close();
  }

  private void releaseStore() {
    try {
      store.close();
    } catch (IOException e) {
      // After a successful sync no data is at stake.
      Worker.log(
          System.Logger.Level.WARNING, "close " + config.dir() + ": a file did not close", e);
    }
  }

  private void awaitClosed() {
    boolean interrupted = false;
    while (closed.getCount() > 0) {
      try {
        closed.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- one way in for each kind of request

  private long write(long index, String key, Object value, boolean durable) throws IOException {
    int keyBytes = checkedKeyBytes(key, value);
    requireOpen(index);
    long written = path.writeAlone(index, key, keyBytes, value, durable);
    if (written != CommitPath.NOT_ALONE) {
      return written;
    }
    Thread caller = Thread.currentThread();
    int valueBytes = EntryRequest.bytesOf(value);
    return enqueueAndWait(
        new EntryRequest(caller, durable, index, key, keyBytes, value, valueBytes));
  }

  private CompletableFuture<Long> writeAsync(
      long index, String key, Object value, boolean durable) {
    int keyBytes = checkedKeyBytes(key, value);
    Object copy = EntryRequest.copyOf(value);
    int valueBytes = EntryRequest.bytesOf(copy);
    return enqueue(
        new EntryRequest(/* waiter= */ null, durable, index, key, keyBytes, copy, valueBytes));
  }

  private int checkedKeyBytes(String key, Object value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    long keyBytes = Utf8.encodedBytes(key);
    Arguments.requireEntryFits(keyBytes, EntryRequest.bytesOf(value), config.maxEntryBytes());
    return (int) keyBytes;
  }

  private long write(WriteBatch batch, boolean durable) throws IOException {
    batch.requireIndexes();
    return submitAndWait(batch, Thread.currentThread(), durable, batch.largestIndex());
  }

  private long append(WriteBatch batch, boolean durable) throws IOException {
    batch.requireNoIndexes();
    return submitAndWait(batch, Thread.currentThread(), durable, EntryRequest.NEXT_INDEX);
  }

  private long submitAndWait(WriteBatch batch, Thread caller, boolean durable, long largestIndex)
      throws IOException {
    batch.requireFits(config);
    return batch.isEmpty()
        ? lastIndex()
        : submitAndWait(request(batch, caller, durable, largestIndex));
  }

  private CompletableFuture<Long> writeAsync(WriteBatch batch, boolean durable) {
    batch.requireIndexes();
    return submit(batch, durable, batch.largestIndex());
  }

  private CompletableFuture<Long> appendAsync(WriteBatch batch, boolean durable) {
    batch.requireNoIndexes();
    return submit(batch, durable, EntryRequest.NEXT_INDEX);
  }

  private CompletableFuture<Long> submit(WriteBatch batch, boolean durable, long largestIndex) {
    batch.requireFits(config);
    return batch.isEmpty()
        ? lastIndexAsync()
        : enqueue(request(batch, /* waiter= */ null, durable, largestIndex));
  }

  private CompletableFuture<Long> lastIndexAsync() {
    try {
      return CompletableFuture.completedFuture(lastIndex());
    } catch (LogClosedException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private WriteBatchRequest request(
      WriteBatch batch, @Nullable Thread waiter, boolean durable, long largestIndex) {
    // A sequential log takes consecutive indexes in whatever order the caller put them.
    boolean sort =
        config.indexOrder() == IndexOrder.SEQUENTIAL && largestIndex != EntryRequest.NEXT_INDEX;
    WriteBatch.Item[] items = sort ? batch.sortedSnapshot() : batch.snapshot();
    return new WriteBatchRequest(waiter, durable, items, batch.recordBytes(), largestIndex);
  }

  private long submitAndWait(Request request) throws IOException {
    if (closing.get()) {
      throw Fate.CLOSED.thrown(request.describe(), null);
    }
    return enqueueAndWait(request);
  }

  private long enqueueAndWait(Request request) throws IOException {
    if (request.queueBytes() >= 0) {
      room.enter(request);
    }
    try {
      return path.submitAndWait(request);
    } catch (Throwable t) {
      leaveUnlessQueued(request);
      throw t;
    }
  }

  /** Gives room back that nobody else will. */
  private void leaveUnlessQueued(Request request) {
    if (!request.queued) {
      room.leave(Room.units(request.queueBytes()));
    }
  }

  private CompletableFuture<Long> enqueue(Request request) {
    try {
      if (closing.get()) {
        throw Fate.CLOSED.thrown(request.describe(), null);
      }
      room.enter(request);
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    try {
      path.submit(request);
    } catch (Throwable t) {
      leaveUnlessQueued(request);
      throw t;
    }
    return request;
  }

  private void requireOpen(long index) throws IOException {
    if (closing.get()) {
      throw Fate.CLOSED.thrown(EntryRequest.describe(index), null);
    }
  }
}
