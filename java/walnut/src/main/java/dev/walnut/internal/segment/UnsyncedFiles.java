package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files, and names, that hold bytes which no sync has covered yet; oldest first. A sync
 * promises a sequence, so it covers all of them, whatever a batch touched.
 *
 * <p>Belongs to the writer; a chore that syncs a file tells so through {@link Unsynced#synced}.
 */
final class UnsyncedFiles {
  /** One file's unsynced bytes. */
  static final class Unsynced {
    final int segment;

    /** Opened before the bytes were written: a later one might not be told of their loss. */
    final DiskFile file;

    private boolean nameUnsynced;
    private long lastSequence;
    private long smallestIndex = Long.MAX_VALUE;

    /** The sequence up to which a chore has made the file, and its name, durable. */
    private volatile long syncedThrough = -1;

    private Unsynced(int segment, DiskFile file) {
      this.segment = segment;
      this.file = file;
    }

    /** A chore has made the file durable up to a sequence, and then its name. */
    void synced(long throughSequence) {
      syncedThrough = throughSequence;
    }

    /** Whether it is known to be durable, with its name, up to a sequence. */
    boolean isSyncedThrough(long sequence) {
      return syncedThrough >= sequence;
    }

    long lastSequence() {
      return lastSequence;
    }
  }

  private final Deque<Unsynced> files = new ArrayDeque<>();

  /** Bytes up to a sequence were written to a file; none of them holds an entry. */
  void wrote(int segment, DiskFile file, long lastSequence) {
    wrote(segment, file, lastSequence, Long.MAX_VALUE);
  }

  /** Bytes up to a sequence, with entries from an index on, were written to a file. */
  void wrote(int segment, DiskFile file, long lastSequence, long smallestIndex) {
    Unsynced newest = of(segment, file);
    newest.lastSequence = lastSequence;
    newest.smallestIndex = Math.min(newest.smallestIndex, smallestIndex);
  }

  /** A file was made, and its name is not durable. */
  void named(int segment, DiskFile file, long lastSequence) {
    wrote(segment, file, lastSequence);
    of(segment, file).nameUnsynced = true;
  }

  private Unsynced of(int segment, DiskFile file) {
    Unsynced newest = files.peekLast();
    if (newest == null || newest.segment != segment) {
      newest = new Unsynced(segment, file);
      files.addLast(newest);
    }
    return newest;
  }

  boolean isEmpty() {
    return files.isEmpty();
  }

  List<Unsynced> all() {
    return List.copyOf(files);
  }

  /** The newest, if it belongs to this segment. */
  @Nullable Unsynced of(int segment) {
    Unsynced newest = files.peekLast();
    return newest != null && newest.segment == segment ? newest : null;
  }

  /** Whether a file is among them. */
  boolean holds(DiskFile file) {
    return files.stream().anyMatch(f -> f.file == file);
  }

  /**
   * Picks up what chores have synced.
   *
   * @return the sequence up to which all is durable, or -1 if nothing became so
   */
  long collect() {
    long durable = -1;
    for (Unsynced oldest = files.peekFirst();
        oldest != null && oldest.isSyncedThrough(oldest.lastSequence);
        oldest = files.peekFirst()) {
      durable = oldest.lastSequence;
      files.removeFirst();
    }
    return durable;
  }

  /** Syncs every file but {@code except}, oldest first; returns the number of syncs. */
  int syncOthers(@Nullable DiskFile except) throws IOException {
    int syncs = 0;
    for (Unsynced unsynced : files) {
      if (unsynced.file != except && !unsynced.isSyncedThrough(unsynced.lastSequence)) {
        unsynced.file.sync();
        syncs++;
      }
    }
    return syncs;
  }

  /** Syncs the directory if a name needs it; returns the number of syncs. */
  int syncNames(DiskDirectory directory) throws IOException {
    if (files.stream().noneMatch(f -> f.nameUnsynced)) {
      return 0;
    }
    directory.sync();
    return 1;
  }

  /** Every file and name was synced. */
  void clear() {
    for (Unsynced unsynced : files) {
      unsynced.syncedThrough = unsynced.lastSequence;
    }
    files.clear();
  }

  /** The smallest unsynced index; {@link Long#MAX_VALUE} if there is none. */
  long smallestIndex() {
    long smallest = Long.MAX_VALUE;
    for (Unsynced unsynced : files) {
      smallest = Math.min(smallest, unsynced.smallestIndex);
    }
    return smallest;
  }
}
