package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskFullException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes a segment that is full durable, if it is not, and gives it its footer. */
final class Sealing implements EntryStore.Chore {
  private final SegmentFiles files;
  private final DiskFile file;
  private final FooterContent content;
  private final UnsyncedFiles.@Nullable Unsynced unsynced;
  private final SyncCount syncs;
  private final boolean footerDurable;

  private volatile boolean done;
  private boolean closing;
  private volatile boolean closed;

  /**
   * @param unsynced the file's unsynced bytes, or null if all of it is durable
   * @param footerDurable whether the footer is synced too; if it is lost, opening scans
   */
  Sealing(
      SegmentFiles files,
      DiskFile file,
      FooterContent content,
      UnsyncedFiles.@Nullable Unsynced unsynced,
      SyncCount syncs,
      boolean footerDurable) {
    this.files = files;
    this.file = file;
    this.content = content;
    this.unsynced = unsynced;
    this.syncs = syncs;
    this.footerDurable = footerDurable;
  }

  int segment() {
    return content.segment();
  }

  DiskFile file() {
    return file;
  }

  boolean isDone() {
    return done;
  }

  /** The chore that closes the file, to be given out once, behind all that still use it. */
  EntryStore.@Nullable Chore closing() {
    if (closing) {
      return null;
    }
    closing = true;
    return () -> {
      SegmentFiles.closeLogging(file);
      closed = true;
    };
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void run() throws IOException {
    seal();
    done = true;
  }

  /*
   * Chores run oldest first, and each seals only what it has made durable with its name. So when one
   * has synced its segment, everything up to that segment's last record is durable, and the footer
   * may say so.
   */
  private void seal() throws IOException {
    if (unsynced != null && !unsynced.isSyncedThrough(content.lastSequence())) {
      file.sync();
      files.directory().sync();
      syncs.add(2);
      unsynced.synced(content.lastSequence());
    }
    try {
      FooterWriter.write(files.disk(), file, content, content.lastSequence());
    } catch (DiskFullException e) {
      return; // opening does without a footer
    }
    if (footerDurable) {
      file.sync();
      syncs.add(1);
    }
  }
}
