package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskFullException;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps what is cut from a log, for people to look at; to a count and a size. */
final class SideFiles {
  static final int COUNT_MAX = 16;
  private static final long BYTES_MAX = 64L << 20;
  private static final int PIECE_BYTES = 64 * 1024;

  /** Copies bytes from one file to another. */
  interface Copier {
    void copy(DiskFile source, long from, DiskFile target, long to, long bytes) throws IOException;
  }

  private final SegmentFiles files;
  private final Disk disk;
  private final Copier copier;

  /** Those of this opening, which make no room for one another. */
  private final Set<String> kept = new HashSet<>();

  SideFiles(SegmentFiles files, Disk disk, Copier copier) {
    this.files = files;
    this.disk = disk;
    this.copier = copier;
  }

  /**
   * Copies {@code [from, to)} of a segment, or as much of it as is allowed.
   *
   * @return where to, or null if this opening has kept as many as it may
   */
  @Nullable Path keep(int number, long epoch, long from, long to) throws IOException {
    if (kept.size() == COUNT_MAX) {
      return null;
    }
    String name = files.names().keptAside(number, epoch, from);
    long bytes = Math.min(to - from, BYTES_MAX);
    try (DiskFile source = files.directory().openRead(files.name(number))) {
      if (!isKept(name, source, from, bytes)) {
        makeRoom();
        copy(source, from, name, bytes);
      }
    }
    kept.add(name);
    return files.directory().path().resolve(name);
  }

  /**
   * Whether an opening that was cut short has kept the bytes already. It may have put zeros over
   * some of them since; then its copy is the better one.
   */
  private boolean isKept(String name, DiskFile source, long from, long bytes) throws IOException {
    if (!files.directory().listFiles().contains(name)) {
      return false;
    }
    Memory left = disk.allocate(PIECE_BYTES);
    Memory now = disk.allocate(PIECE_BYTES);
    try (DiskFile old = files.directory().openRead(name)) {
      for (long at = 0; at < bytes; at += PIECE_BYTES) {
        int piece = (int) Math.min(PIECE_BYTES, bytes - at);
        boolean whole = old.read(at, left, 0, piece) == piece;
        if (!whole || source.read(from + at, now, 0, piece) != piece || !agree(left, now, piece)) {
          return false;
        }
      }
      return true;
    }
  }

  private static boolean agree(Memory left, Memory now, int bytes) {
    for (int i = 0; i < bytes; i++) {
      byte there = now.bytes().get(i);
      if (there != 0 && there != left.bytes().get(i)) {
        return false;
      }
    }
    return true;
  }

  private void copy(DiskFile source, long from, String name, long bytes) throws IOException {
    DiskFile made = createOrReplace(name);
    try (made) {
      copier.copy(source, from, made, 0, bytes);
      made.sync();
    } catch (DiskFullException e) {
      files.directory().delete(name); // a part of it would only take the room that is missing
      throw e;
    }
  }

  /** An open that was cut short may have left a part of it. */
  private DiskFile createOrReplace(String name) throws IOException {
    try {
      return files.directory().create(name);
    } catch (FileAlreadyExistsException e) {
      files.directory().delete(name);
      return files.directory().create(name);
    }
  }

  /** Deletes those of the oldest segments. */
  private void makeRoom() throws IOException {
    List<String> old =
        files.directory().listFiles().stream()
            .filter(files.names()::isKeptAside)
            .filter(name -> !kept.contains(name))
            .sorted(Comparator.comparingLong(files.names()::segmentOfKeptAside))
            .toList();
    for (int i = 0; i <= old.size() + kept.size() - COUNT_MAX && i < old.size(); i++) {
      files.directory().delete(old.get(i));
    }
  }

  /** Makes the names durable. */
  void sync() throws IOException {
    if (!kept.isEmpty()) {
      files.directory().sync();
    }
  }
}
