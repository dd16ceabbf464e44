package dev.walnut.internal.segment;

import java.io.IOException;
import java.util.List;

/** Removes the oldest segments once the header that says so is durable. */
final class Retention implements EntryStore.Chore {
  private final SegmentFiles files;
  private final List<UnsyncedFiles.Unsynced> unsynced;
  private final List<Long> sequences;
  private final List<Segment> removed;
  private final SyncCount syncs;

  /**
   * @param unsynced the files that are kept, up to the one whose header carries the low-water mark
   * @param removed the segments to remove
   */
  Retention(
      SegmentFiles files,
      List<UnsyncedFiles.Unsynced> unsynced,
      List<Segment> removed,
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
    for (Segment segment : removed) {
      files.release(segment);
      files.directory().delete(files.name(segment.number()));
    }
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
