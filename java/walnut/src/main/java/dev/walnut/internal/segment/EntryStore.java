package dev.walnut.internal.segment;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.LogLockedException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.NonSequentialIndexException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the floor above knows of the bytes: an open batch that entries are added to, one call that
 * writes it, and entries that can be read by index.
 *
 * <p>One writer, many readers. Methods under "writing" are called by one thread at a time, each
 * seeing what the one before did; methods under "reading" by any thread at any time until {@link
 * #close}. A {@link Chore} runs beside both.
 */
public interface EntryStore extends EntrySource {

  // ---- writing: the open batch

  /** The last index, entries of the open batch included. */
  long pendingLastIndex();

  /** Entries in the open batch. */
  int pendingEntries();

  /** Bytes the open batch's records take so far. */
  long pendingBytes();

  /**
   * Whether a request with so many entries and record bytes goes into the tail behind what the open
   * batch holds. If not, end the batch, or {@link #rotate} if it is empty. Always true for an empty
   * segment.
   */
  boolean fits(int entries, long recordBytes);

  /** Marks a place in the open batch that {@link #rollback} returns to. */
  void savepoint();

  /** Takes back everything added since the last {@link #savepoint}. */
  void rollback();

  /**
   * Adds an entry to the open batch. The value is copied; its position is unchanged.
   *
   * @param key well-formed UTF-16
   * @param keyBytes the length of the key in UTF-8
   * @param value from position to limit
   * @param joined whether it belongs to the same write batch as the record before it
   * @throws DuplicateIndexException if the index is taken, in the log or in the open batch
   * @throws NonSequentialIndexException if the log is sequential and the index is not {@link
   *     #pendingLastIndex} + 1, or if the index is below the first kept one
   */
  void addEntry(long index, String key, int keyBytes, ByteBuffer value, boolean joined);

  /** As the other, with a value that lies in an array. */
  void addEntry(
      long index, String key, int keyBytes, byte[] value, int from, int length, boolean joined);

  /** Adds a tombstone; false, and nothing added, if the index is absent or has one already. */
  boolean addTombstone(long index);

  /**
   * Adds the removal of every entry below an index, which is refused from then on. It goes no
   * farther than the lowest {@link #hold}, and never back. The open batch must be empty, takes
   * nothing else, and is durable however it is committed; until then nothing is removed. So for the
   * other two.
   *
   * @param firstKept may be above the last index + 1, which it becomes then
   * @return the first index kept: everything below is refused. Nothing is added if that was so
   * @throws UncheckedIOException if it cannot be read what is left; nothing was added
   */
  long addTruncateBefore(long firstKept);

  /**
   * Adds the removal of every entry above an index, which becomes the last. Nothing is added if the
   * last index is not above it.
   *
   * @throws IllegalArgumentException if it is below the first index − 1; nothing was added
   * @throws UncheckedIOException if it cannot be read what is left; nothing was added
   */
  void addTruncateAfter(long lastKept);

  /**
   * Adds the removal of every entry; indexes below the next one are refused from then on.
   *
   * @throws UncheckedIOException if a table cannot be read; nothing was added
   */
  void addReset(long nextIndex);

  /**
   * Writes the open batch with one write, and one sync if it is to be durable; then it is visible.
   * An empty batch writes nothing, and is a {@link #sync} if it is to be durable.
   *
   * @throws NoSpaceException if there is no room; nothing of the batch was written, it is
   *     discarded, and the store is as before
   * @throws IOException if it failed: the batch may or may not be on disk, it is not visible, and
   *     nothing may be written any more
   */
  void commit(boolean durable) throws IOException;

  /** Discards the open batch. */
  void discard();

  /**
   * Makes everything written durable; no sync if nothing is unsynced. Called with an empty batch.
   */
  void sync() throws IOException;

  /**
   * Whether a sync has covered something that no batch on disk vouches for yet. A log that goes
   * idle then writes a {@link #mark}, so that later damage to it is told from a torn end.
   */
  boolean markDue();

  /** Writes an unsynced mark, which vouches for what is durable. */
  void mark() throws IOException;

  /**
   * Starts a new segment; the open batch must be empty.
   *
   * @throws NoSpaceException if there is no room; the store is as before
   * @throws NoSegmentException if the file cannot be made; the store is as before
   * @throws LogLockedException if the lock was lost; nothing may be written any more
   */
  void rotate() throws IOException;

  /** The next piece of work to be run beside the writing, oldest first, or null. */
  @Nullable Chore takeChore();

  /** A piece of work for another thread; chores are run one at a time, in the order taken. */
  interface Chore {
    /**
     * Does it. A failure is a failure of the log, as if {@link EntryStore#commit} had failed.
     * Results are picked up by the writer later.
     */
    void run() throws IOException;

    /** What it has removed from the log for good; null if nothing. Asked for after the run. */
    default @Nullable Removal removal() {
      return null;
    }
  }

  /**
   * Entries that retention has deleted, or would delete.
   *
   * @param files the segment files, oldest first
   * @param bytes their bytes, up to the last batch of each
   * @param entries how many entries they held
   * @param firstIndex the smallest of their indexes; 0 if there are no entries
   * @param lastIndex the largest of their indexes; 0 if there are no entries
   */
  record Removal(List<Path> files, long bytes, long entries, long firstIndex, long lastIndex) {}

  /**
   * Ends the log cleanly: sync, mark, footer, sync. All chores taken have been run and no reader is
   * at work.
   */
  void finish() throws IOException;

  /**
   * Makes everything written durable, has a mark on disk vouch for it, and remembers what the files
   * hold now. Called with an empty batch. Until the backup is closed, nothing it needs is deleted
   * or truncated from the front.
   *
   * @throws UncheckedIOException if there is no room for what has to be written; the store is as
   *     before
   * @throws IOException if it failed, as {@link #sync}
   */
  LogBackup beginBackup() throws IOException;

  // ---- for any thread

  /** Indexes below it are not taken any more. */
  long floor();

  /**
   * Keeps retention and {@link #addTruncateBefore} from taking entries at or above an index away,
   * and every file that holds one now or will.
   */
  Hold hold(long fromIndex);

  /** What a caller has asked not to be taken away from the front. */
  interface Hold {
    /**
     * The first index kept: the one asked for, or a larger one if what lies below was given up
     * before.
     */
    long fromIndex();

    /** The oldest segment kept. */
    int oldestSegment();

    /** Gives it up. Idempotent; for any thread, at any time. */
    void release();
  }

  /** Where the holds that are taken begin, smallest first. */
  List<Long> holds();

  /** What retention would delete if a segment were started now. To be called by any thread. */
  Removal nextRemoval();

  /** Counts since opening. */
  StoreCounts counts();

  /** The syncs among them, for a caller that must not allocate. */
  long syncs();
}
