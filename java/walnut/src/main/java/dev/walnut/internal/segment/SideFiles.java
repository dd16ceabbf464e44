package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;

/** Keeps what is cut from a log, for people to look at; to a count and a size. */
final class SideFiles {
  private static final int COUNT_MAX = 16;
  private static final long BYTES_MAX = 64L << 20;

  /** Copies bytes from one file to another. */
  interface Copier {
    void copy(DiskFile source, long from, DiskFile target, long to, long bytes) throws IOException;
  }

  private final SegmentFiles files;
  private final Copier copier;
  private boolean kept;

  SideFiles(SegmentFiles files, Copier copier) {
    this.files = files;
    this.copier = copier;
  }

  /** Copies {@code [from, to)} of a segment, or as much of it as is allowed; returns where to. */
  Path keep(int number, long epoch, long from, long to) throws IOException {
    String name = files.names().keptAside(number, epoch, from);
    makeRoom();
    try (DiskFile source = files.directory().openRead(files.name(number));
        DiskFile target = createOrReplace(name)) {
      copier.copy(source, from, target, 0, Math.min(to - from, BYTES_MAX));
      target.sync();
    }
    kept = true;
    return files.directory().path().resolve(name);
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

  private void makeRoom() throws IOException {
    List<String> old =
        files.directory().listFiles().stream().filter(files.names()::isKeptAside).sorted().toList();
    for (int i = 0; i <= old.size() - COUNT_MAX; i++) {
      files.directory().delete(old.get(i));
    }
  }

  /** Makes the names durable. */
  void sync() throws IOException {
    if (kept) {
      files.directory().sync();
    }
  }
}
