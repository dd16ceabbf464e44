package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Removes the oldest segments once the header that says so is durable. */
final class Retention implements EntryStore.Chore {
  private final SegmentFiles files;
  private final List<UnsyncedFiles.Unsynced> unsynced;
  private final List<Long> sequences;
  private final List<IndexPart> removed;
  private boolean done;
  private final SyncCount syncs;

  /**
   * @param unsynced the files that are kept, up to the one whose header carries the low-water mark
   * @param removed the segments to remove
   */
  Retention(
      SegmentFiles files,
      List<UnsyncedFiles.Unsynced> unsynced,
      List<IndexPart> removed,
      SyncCount syncs) {
    this.files = files;
    this.unsynced = unsynced;
    this.sequences = unsynced.stream().map(UnsyncedFiles.Unsynced::lastSequence).toList();
    this.removed = removed;
    this.syncs = syncs;
  }

  @Override
  public void run() throws IOException {
    if (!unsynced.isEmpty()) {
      makeDurable();
    }
    for (IndexPart part : removed) {
      files.release(part.segment());
      files.directory().delete(files.name(part.segment().number()));
    }
    done = true;
  }

  @Override
  public EntryStore.@Nullable Removal removal() {
    EntryStore.Removal all = removal(files, removed);
    return done && all.entries() > 0 ? all : null;
  }

  private static EntryStore.Removal removal(SegmentFiles files, List<IndexPart> removed) {
    long bytes = removed.stream().mapToLong(p -> p.segment().validBytes()).sum();
    return removal(files, removed, bytes);
  }

  /** What goes with these segments. */
  static EntryStore.Removal removal(SegmentFiles files, List<IndexPart> removed, long bytes) {
    List<Path> paths = removed.stream().map(p -> files.path(p.segment().number())).toList();
    List<IndexPart> filled = removed.stream().filter(p -> !p.isEmpty()).toList();
    return new EntryStore.Removal(
        paths,
        bytes,
        filled.stream().mapToLong(IndexPart::count).sum(),
        filled.stream().mapToLong(IndexPart::min).min().orElse(0),
        filled.stream().mapToLong(IndexPart::max).max().orElse(0));
  }

  private void makeDurable() throws IOException {
    for (int i = 0; i < unsynced.size(); i++) {
      if (!unsynced.get(i).isSyncedThrough(sequences.get(i))) {
        unsynced.get(i).file.sync();
        syncs.add(1);
      }
    }
    files.directory().sync();
    syncs.add(1);
    for (int i = 0; i < unsynced.size(); i++) {
      unsynced.get(i).synced(sequences.get(i));
    }
  }
}
