package dev.walnut;

import dev.walnut.internal.segment.EntryCursor;
import dev.walnut.internal.segment.EntryStore;
import dev.walnut.internal.segment.LogBackup;
import dev.walnut.internal.segment.StoreCounts;
import dev.walnut.internal.segment.StoredEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A store of a few plain fields, small enough for every order of steps above it to be tried. Like a
 * real one it belongs to one writer at a time, and it notices another.
 */
final class MiniStore implements EntryStore {
  private static final int ENTRY_BYTES = 32;

  /** The number of the commit that fails; none if 0. */
  int failingCommit;

  private boolean busy;
  private boolean finished;
  private int commits;
  private int pending;
  private int saved;
  private long durable;
  private volatile long written;

  /** Commits tried. */
  int commits() {
    return commits;
  }

  private void begin() {
    if (busy) {
      throw new AssertionError("two threads write at once");
    }
    if (finished) {
      throw new AssertionError("written after the end");
    }
    busy = true;
  }

  private void end() {
    busy = false;
  }

  @Override
  public long pendingLastIndex() {
    return written + pending;
  }

  @Override
  public int pendingEntries() {
    return pending;
  }

  @Override
  public long pendingBytes() {
    return (long) pending * ENTRY_BYTES;
  }

  @Override
  public boolean fits(int entries, long recordBytes) {
    return true;
  }

  @Override
  public void savepoint() {
    saved = pending;
  }

  @Override
  public void rollback() {
    pending = saved;
  }

  @Override
  public void addEntry(
      long index, String key, int keyBytes, byte[] value, int from, int length, boolean joined) {
    begin();
    pending++;
    end();
  }

  @Override
  public void commit(boolean toBeDurable) throws IOException {
    begin();
    commits++;
    if (commits == failingCommit) {
      throw new IOException("commit " + commits + " fails");
    }
    written += pending;
    pending = 0;
    if (toBeDurable) {
      durable = written;
    }
    end();
  }

  @Override
  public void discard() {
    pending = 0;
  }

  @Override
  public void sync() {
    begin();
    durable = written;
    end();
  }

  @Override
  public void finish() {
    begin();
    finished = true;
    end();
  }

  @Override
  public long lastIndex() {
    return written;
  }

  @Override
  public long size() {
    return written;
  }

  @Override
  public long durableIndex() {
    return durable;
  }

  @Override
  public boolean contains(long index) {
    return 0 < index && index <= written;
  }

  @Override
  public long syncs() {
    return 0;
  }

  @Override
  public Chore takeChore() {
    return null;
  }

  @Override
  public boolean markDue() {
    return false;
  }

  @Override
  public long floor() {
    return 0;
  }

  @Override
  public void close() {}

  // ---- what nobody asks for here

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("not asked for");
  }

  @Override
  public void addEntry(long index, String key, int keyBytes, ByteBuffer value, boolean joined) {
    throw unsupported();
  }

  @Override
  public boolean addTombstone(long index) {
    throw unsupported();
  }

  @Override
  public long addTruncateBefore(long firstKept) {
    throw unsupported();
  }

  @Override
  public void addTruncateAfter(long lastKept) {
    throw unsupported();
  }

  @Override
  public void addReset(long nextIndex) {
    throw unsupported();
  }

  @Override
  public void mark() {
    throw unsupported();
  }

  @Override
  public void rotate() {
    throw unsupported();
  }

  @Override
  public LogBackup beginBackup() {
    throw unsupported();
  }

  @Override
  public Hold hold(long fromIndex) {
    throw unsupported();
  }

  @Override
  public List<Long> holds() {
    throw unsupported();
  }

  @Override
  public Removal nextRemoval() {
    throw unsupported();
  }

  @Override
  public StoreCounts counts() {
    throw unsupported();
  }

  @Override
  public StoredEntry get(long index) {
    throw unsupported();
  }

  @Override
  public EntryCursor cursor(long from, boolean durableOnly) {
    throw unsupported();
  }

  @Override
  public long firstIndex() {
    throw unsupported();
  }
}
