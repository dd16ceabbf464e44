package dev.walnut.internal.platform;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory by its path. The JDK opens files by path alone, so every call first makes sure that
 * the path still stands for the directory that was opened.
 */
final class JavaDirectory implements DiskDirectory {
  private final Path path;

  /** Tells this directory from another under the same path; null where the system has no such. */
  private final @Nullable Object identity;

  /**
   * Open from the start, since a failed write of a name is reported to those who had it open; null
   * on Windows, which neither opens nor syncs directories and keeps names in its journal.
   */
  private final @Nullable SteadyChannel names;

  private final boolean copiesOnWrite;
  private final SyncGate syncs = new SyncGate();
  private volatile boolean closed;

  private JavaDirectory(Path path, @Nullable Object identity, @Nullable SteadyChannel names) {
    this.path = path;
    this.identity = identity;
    this.names = names;
    this.copiesOnWrite = Directories.copiesOnWrite(path);
  }

  static JavaDirectory open(Path path) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isDirectory()) {
        throw new NotDirectoryException(path.toString());
      }
      SteadyChannel names = Systems.IS_WINDOWS ? null : SteadyChannel.open(path, Set.of(READ));
      return new JavaDirectory(path, attributes.fileKey(), names);
    } catch (IOException e) {
      throw DiskErrors.translate("open directory " + path, e);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public List<String> listFiles() throws IOException {
    checkNotMoved();
    return Directories.listFiles(path);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    Path file = Directories.resolve(path, name);
    checkNotMoved();
    JavaFile created = open("create", file, Set.of(READ, WRITE, CREATE_NEW, NOFOLLOW_LINKS));
    try {
      checkNotMoved();
    } catch (IOException e) {
      undoCreate(created, file, e);
      throw e;
    }
    return created;
  }

  /** The directory was replaced at this very moment: the new file went to the wrong one. */
  private static void undoCreate(JavaFile created, Path file, IOException reason) {
    try {
      created.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return openExisting(name, Set.of(READ, WRITE, NOFOLLOW_LINKS));
  }

  @Override
  public DiskFile openRead(String name) throws IOException {
    return openExisting(name, Set.of(READ, NOFOLLOW_LINKS));
  }

  private DiskFile openExisting(String name, Set<OpenOption> options) throws IOException {
    Path file = Directories.resolve(path, name);
    checkNotMoved();
    checkRegular("open", file);
    return open("open", file, options);
  }

  private JavaFile open(String operation, Path file, Set<OpenOption> options) throws IOException {
    try {
      return new JavaFile(file, SteadyChannel.open(file, options));
    } catch (IOException e) {
      throw DiskErrors.translate(operation + " " + file, e);
    }
  }

  /** Asked before opening, because opening a pipe waits for its other end. */
  private static void checkRegular(String operation, Path file) throws IOException {
    try {
      if (!Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS).isRegularFile()) {
        throw DiskErrors.notRegular(operation, file);
      }
    } catch (NoSuchFileException e) {
      throw DiskErrors.translate(operation + " " + file, e);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Path file = Directories.resolve(path, name);
    checkNotMoved();
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw DiskErrors.translate("delete " + file, e);
    }
  }

  @Override
  public void rename(String name, DiskDirectory target, String targetName) throws IOException {
    Path source = Directories.resolve(path, name);
    checkNotMoved();
    Directories.rename(source, Directories.resolve(target.path(), targetName));
  }

  @Override
  public boolean link(String name, DiskDirectory target, String targetName) throws IOException {
    Path source = Directories.resolve(path, name);
    checkNotMoved();
    return Directories.link(source, Directories.resolve(target.path(), targetName));
  }

  @Override
  public boolean isShared(String name) throws IOException {
    Path file = Directories.resolve(path, name);
    checkNotMoved();
    return Directories.isShared(file);
  }

  @Override
  public void sync() throws IOException {
    syncs.pass("directory " + path, this::syncOnce);
  }

  private long syncOnce() throws IOException {
    checkOpen();
    if (names != null) {
      try {
        names.sync(/* metadata= */ true);
      } catch (IOException e) {
        throw DiskErrors.translate("sync directory " + path, e);
      }
    }
    return 0;
  }

  @Override
  public DiskLock lock(String name) throws IOException {
    Path file = Directories.resolve(path, name);
    checkNotMoved();
    return HeldLock.take(
        JavaDisk.INSTANCE, LockRegistry.key(path, name), file, () -> openLockFile(file));
  }

  private JavaFile openLockFile(Path file) throws IOException {
    if (Files.exists(file, NOFOLLOW_LINKS)) {
      checkRegular("lock", file);
    }
    return open("lock", file, Set.of(READ, WRITE, CREATE, NOFOLLOW_LINKS));
  }

  @Override
  public boolean copiesOnWrite() {
    return copiesOnWrite;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    if (names != null) {
      names.close();
    }
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  private void checkNotMoved() throws IOException {
    checkOpen();
    if (!Objects.equals(identity, JavaFile.identity(path))) {
      throw DiskErrors.moved(path);
    }
  }
}
