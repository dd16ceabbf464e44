package dev.walnut.internal.segment;

import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskFullException;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A log as its files held it at one moment, to be copied while it is written on. For one thread,
 * beside the writer.
 */
public final class LogBackup implements Closeable {
  /*
   * What is copied. Every segment from the low-water mark on, up to its last batch then, all of it
   * durable, with a mark at the end that says so. Batches are never changed, only followed by
   * others; and the hold keeps the files.
   *
   * What is linked. Sealed segments that had their footers before, so that this life of the log
   * writes to them no more; the footer is synced through the copy's name, since where nothing else
   * is, it may not be yet. A later life of either log writes to a sealed segment in three cases
   * only. Its last segment is taken up again as the tail, if the newer files are gone. Its footer is
   * bad, and made again. Both are not done to a file with two names: LogEnding starts a new segment,
   * and SegmentStore.reseal leaves it. Last, what recovery accepts above D is written again: the
   * same bytes. So whatever becomes of one log, its links change nothing in the other. Where the
   * system does not count a file's names, all is copied.
   *
   * When it opens. A note stands in the target from before the first segment's name until
   * everything is synced; while it is there nothing opens the target. So what opens is the whole
   * copy. On failure the segments go first, durably, and then the note.
   */
  private static final System.Logger LOGGER = System.getLogger("dev.walnut");
  private static final int PIECE_BYTES = 1 << 20;

  private final Disk disk;
  private final SegmentFiles files;
  private final View view;
  private final EntryStore.Hold hold;
  private final List<Part> parts = new ArrayList<>();
  private final List<String> made = new ArrayList<>();
  private int linked;
  private long bytesCopied;

  /** A file, up to where it is needed, and whether the log writes to it no more. */
  private record Part(int number, long end, boolean sealed) {}

  /** Hears how far copying has come; what it throws ends it. */
  public interface Progress {
    /** So many of all bytes are in the target. */
    void reached(long bytes, long bytesTotal) throws IOException;
  }

  /**
   * What was copied.
   *
   * @param files segment files in the copy
   * @param linked how many of them are links
   * @param bytesCopied bytes in the others
   * @param firstIndex the copy's first index
   * @param lastIndex the copy's last index
   */
  public record Outcome(int files, int linked, long bytesCopied, long firstIndex, long lastIndex) {}

  /**
   * @param view what the files hold; all of it durable
   * @param unsealed segments, other than the tail, that are still being given their footers
   * @param hold keeps the files from the low-water mark on
   */
  LogBackup(Disk disk, SegmentFiles files, View view, Set<Integer> unsealed, EntryStore.Hold hold) {
    this.disk = disk;
    this.files = files;
    this.view = view;
    this.hold = hold;
    for (IndexPart part : view.sealed().parts()) {
      Segment segment = part.segment();
      boolean sealed = !unsealed.contains(segment.number());
      parts.add(new Part(segment.number(), segment.validBytes(), sealed));
    }
    parts.add(new Part(view.tail().number(), view.tailEnd(), false));
  }

  /**
   * Refuses a backup that was interrupted.
   *
   * @throws WalException if so
   */
  static void requireComplete(SegmentFiles files, List<String> listed) throws WalException {
    if (listed.contains(files.names().backup())) {
      Path dir = files.directory().path();
      throw new WalException(
          "open "
              + dir
              + ": a backup into this directory was not finished, as "
              + dir.resolve(files.names().backup())
              + " tells; delete what is in it and make the backup again");
    }
  }

  /**
   * Copies; durable on return.
   *
   * @param target a directory with nothing in it; created, with its parents, if missing
   * @throws NoSpaceException if the target's file system is full
   * @throws IOException if it failed. What was made is removed again; where that fails too, a note
   *     is left that keeps it from being opened
   */
  public Outcome copyTo(Path target, Progress progress) throws IOException {
    try (DiskDirectory directory = disk.createDirectory(target)) {
      String note = files.names().backup();
      directory.create(note).close();
      try {
        directory.sync();
        copyAll(directory, progress);
        directory.sync();
      } catch (Throwable t) {
        discard(directory, note, t);
        throw t;
      }
      directory.delete(note);
      directory.sync();
      return new Outcome(parts.size(), linked, bytesCopied, view.first(), view.last());
    } catch (DiskFullException e) {
      throw new NoSpaceException("backup to " + target + ": no room: " + e.getMessage(), e);
    }
  }

  private void copyAll(DiskDirectory target, Progress progress) throws IOException {
    Memory memory = disk.allocate(PIECE_BYTES);
    long total = view.bytes();
    long done = 0;
    for (Part part : parts) {
      progress.reached(done, total);
      long before = done;
      copy(part, target, memory, bytes -> progress.reached(Math.min(total, before + bytes), total));
      done += part.end();
    }
    progress.reached(total, total);
  }

  private interface Piece {
    void copied(long bytes) throws IOException;
  }

  private void copy(Part part, DiskDirectory target, Memory memory, Piece piece)
      throws IOException {
    String name = files.name(part.number());
    long end = part.end();
    if (part.sealed()) {
      FoundSegment found = FoundSegment.read(files, memory, part.number());
      FooterSummary footer = found.footer();
      if (footer != null && footer.validBytes() == end) {
        if (link(name, target)) {
          return;
        }
        end = footer.summaryAt() + Format.SUMMARY_BYTES;
      }
    }
    copy(name, end, target, memory, piece);
  }

  private boolean link(String name, DiskDirectory target) throws IOException {
    if (!files.directory().link(name, target, name)) {
      return false;
    }
    made.add(name);
    try (DiskFile file = target.openRead(name)) {
      file.sync();
    }
    linked++;
    return true;
  }

  private void copy(String name, long end, DiskDirectory target, Memory memory, Piece piece)
      throws IOException {
    try (DiskFile source = files.directory().openRead(name);
        DiskFile copy = target.create(name)) {
      made.add(name);
      WritePlan plan = disk.newPlan();
      for (long at = 0; at < end; ) {
        int bytes = (int) Math.min(PIECE_BYTES, end - at);
        read(source, at, memory, bytes);
        plan.clear();
        plan.span(memory, 0, bytes);
        copy.write(at, plan, Durability.NONE);
        at += bytes;
        bytesCopied += bytes;
        piece.copied(at);
      }
      copy.sync();
    }
  }

  private void read(DiskFile source, long at, Memory memory, int bytes) throws IOException {
    int read = source.read(at, memory, 0, bytes);
    if (read < bytes) {
      throw new WalException(
          "backup "
              + files.directory().path().resolve(source.name())
              + " at offset "
              + at
              + ": got "
              + read
              + " of "
              + bytes
              + " bytes that were durable");
    }
  }

  /** The note goes last: it must not be missed while there are segments. */
  private void discard(DiskDirectory target, String note, Throwable reason) {
    try {
      for (String name : made) {
        target.delete(name);
      }
      target.sync();
      target.delete(note);
    } catch (IOException e) {
      reason.addSuppressed(e);
      LOGGER.log(
          System.Logger.Level.WARNING,
          "backup: an incomplete one stays in " + target.path() + ": " + e.getMessage());
    }
  }

  /** Lets go of the files. */
  @Override
  public void close() {
    hold.release();
  }
}
