package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One segment as readers know it: its identity, its offset table once it is sealed, and the
 * tombstones that were written for its entries.
 */
final class Segment {
  private final int number;
  private final long epoch;
  private final long createdMillis;
  private final SegmentFiles files;

  /**
   * Where the entries lie that have a tombstone; made when first needed, since it is rare. By
   * offset and not by index: an index that is truncated and written again is another entry, and
   * whoever still reads the old one sees it as it was.
   */
  private volatile @Nullable Set<Integer> tombstoned;

  /** Set once the segment is sealed; a table in a footer is loaded when first needed. */
  private volatile @Nullable OffsetTable table;

  private volatile @Nullable FooterSummary footer;

  /** Where the last batch ends, once sealed. */
  private volatile int validBytes;

  /** What readers read from; opened when first needed, closed when too many are open. */
  private volatile @Nullable DiskFile readFile;

  Segment(SegmentHeader header, SegmentFiles files) {
    this(header.number(), header.epoch(), header.createdMillis(), files);
  }

  Segment(int number, long epoch, long createdMillis, SegmentFiles files) {
    this.number = number;
    this.epoch = epoch;
    this.createdMillis = createdMillis;
    this.files = files;
  }

  /** Stands for a log that has none. */
  static Segment none(SegmentFiles files) {
    return new Segment(0, 0, 0, files);
  }

  /** The same segment, not sealed. */
  Segment unsealed() {
    return new Segment(number, epoch, createdMillis, files);
  }

  int number() {
    return number;
  }

  long epoch() {
    return epoch;
  }

  /** When it was created, by the clock of whoever did. */
  long createdMillis() {
    return createdMillis;
  }

  SegmentFiles files() {
    return files;
  }

  boolean isTombstoned(int offset) {
    Set<Integer> set = tombstoned;
    return set != null && set.contains(offset);
  }

  void addTombstone(int offset) {
    Set<Integer> set = tombstoned;
    if (set == null) {
      set = ConcurrentHashMap.newKeySet();
      tombstoned = set;
    }
    set.add(offset);
  }

  /** Where its entries with a tombstone lie, truncated ones too; to be read by the writer. */
  Set<Integer> tombstones() {
    Set<Integer> set = tombstoned;
    return set == null ? Set.of() : Set.copyOf(set);
  }

  /** The segment takes no more entries; these are the ones it has. */
  void seal(OffsetTable entries, int end) {
    table = entries;
    validBytes = end;
  }

  /** The segment was opened from its footer; its table is read when first needed. */
  void seal(FooterSummary summary) {
    footer = summary;
    validBytes = summary.validBytes();
  }

  /** Where the sealed segment's last batch ends. */
  int validBytes() {
    return validBytes;
  }

  /** The sealed segment's table. */
  OffsetTable table() throws IOException {
    OffsetTable loaded = table;
    return loaded != null ? loaded : load();
  }

  private synchronized OffsetTable load() throws IOException {
    OffsetTable loaded = table;
    if (loaded == null) {
      FooterSummary summary = footer;
      assert summary != null : "a segment without a table has a footer to load it from";
      loaded = files.loadTable(this, summary);
      table = loaded;
    }
    return loaded;
  }

  @Nullable DiskFile readFile() {
    return readFile;
  }

  void readFile(@Nullable DiskFile file) {
    readFile = file;
  }
}
