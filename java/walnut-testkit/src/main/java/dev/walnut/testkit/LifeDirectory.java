package dev.walnut.testkit;

import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskLock;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory of the simulated disk, open in one life of the machine. */
final class LifeDirectory implements DiskDirectory {
  private final Storage storage;
  private final Object life;
  private final Path path;
  private final StoredDirectory directory;
  private boolean closed;

  LifeDirectory(Storage storage, Object life, Path path, StoredDirectory directory) {
    this.storage = storage;
    this.life = life;
    this.path = path;
    this.directory = directory;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public List<String> listFiles() throws IOException {
    synchronized (storage) {
      requireOpen("list " + path);
      return directory.names().entrySet().stream()
          .filter(entry -> entry.getValue() instanceof StoredFile)
          .map(java.util.Map.Entry::getKey)
          .toList();
    }
  }

  @Override
  public DiskFile create(String name) throws IOException {
    synchronized (storage) {
      Path file = resolve(name);
      String operation = "create " + file;
      requireOpen(operation);
      requireFree(directory, name, operation);
      storage.step(life, DiskCall.CREATE, file, 0, 0, operation);
      StoredFile created = new StoredFile();
      directory.put(name, created);
      return new LifeFile(storage, life, file, created, /* writable= */ true);
    }
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return open(name, /* writable= */ true);
  }

  @Override
  public DiskFile openRead(String name) throws IOException {
    return open(name, /* writable= */ false);
  }

  private DiskFile open(String name, boolean writable) throws IOException {
    synchronized (storage) {
      Path file = resolve(name);
      String operation = "open " + file;
      requireOpen(operation);
      return new LifeFile(storage, life, file, file(name, operation), writable);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    synchronized (storage) {
      Path file = resolve(name);
      String operation = "delete " + file;
      requireOpen(operation);
      file(name, operation);
      storage.step(life, DiskCall.DELETE, file, 0, 0, operation);
      directory.remove(name);
    }
  }

  @Override
  public void rename(String name, DiskDirectory target, String targetName) throws IOException {
    synchronized (storage) {
      Path file = resolve(name);
      LifeDirectory into = (LifeDirectory) target;
      String operation = "rename " + file + " to " + into.resolve(targetName);
      requireOpen(operation);
      file(name, operation);
      requireFree(into.directory, targetName, operation);
      storage.step(life, DiskCall.RENAME, file, 0, 0, operation);
      directory.rename(name, into.directory, targetName);
    }
  }

  @Override
  public boolean link(String name, DiskDirectory target, String targetName) throws IOException {
    synchronized (storage) {
      Path file = resolve(name);
      LifeDirectory into = (LifeDirectory) target;
      String operation = "link " + file + " as " + into.resolve(targetName);
      requireOpen(operation);
      StoredFile linked = file(name, operation);
      requireFree(into.directory, targetName, operation);
      storage.step(life, DiskCall.LINK, file, 0, 0, operation);
      into.directory.put(targetName, linked);
      return true;
    }
  }

  @Override
  public boolean isShared(String name) throws IOException {
    synchronized (storage) {
      String operation = "look at " + resolve(name);
      requireOpen(operation);
      return file(name, operation).links > 1;
    }
  }

  @Override
  public void sync() throws IOException {
    synchronized (storage) {
      requireOpen("sync directory " + path);
      storage.sync(life, directory, path);
    }
  }

  @Override
  public DiskLock lock(String name) throws IOException {
    synchronized (storage) {
      Path file = resolve(name);
      String operation = "lock " + file;
      requireOpen(operation);
      if (directory.get(name) == null) {
        storage.step(life, DiskCall.LOCK, file, 0, 0, operation);
        directory.put(name, new StoredFile());
      }
      StoredFile locked = file(name, operation);
      LifeLock lock = new LifeLock(locked, name);
      storage.lock(locked, lock, file);
      return lock;
    }
  }

  @Override
  public boolean copiesOnWrite() {
    return false;
  }

  @Override
  public void close() {
    synchronized (storage) {
      closed = true;
    }
  }

  private void requireOpen(String operation) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    storage.check(life, operation);
    if (storage.find(path) != directory) {
      throw new FileSystemException(
          null,
          null,
          "use directory " + path + ": the path no longer stands for the directory opened");
    }
  }

  private Path resolve(String name) {
    Path file = path.resolve(name);
    if (name.isEmpty() || name.equals(".") || name.equals("..") || !path.equals(file.getParent())) {
      throw new IllegalArgumentException("not a plain file name: '" + name + "'");
    }
    return file;
  }

  private StoredFile file(String name, String operation) throws IOException {
    Node node = directory.get(name);
    if (node instanceof StoredFile file) {
      return file;
    }
    if (node != null) {
      throw new FileSystemException(null, null, operation + ": not a regular file");
    }
    throw new NoSuchFileException(null, null, operation + ": No such file or directory");
  }

  private static void requireFree(StoredDirectory directory, String name, String operation)
      throws IOException {
    if (directory.get(name) != null) {
      throw new FileAlreadyExistsException(null, null, operation + ": File exists");
    }
  }

  /** Ends with the life of the machine. */
  private final class LifeLock implements DiskLock {
    private final StoredFile file;
    private final String name;

    LifeLock(StoredFile file, String name) {
      this.file = file;
      this.name = name;
    }

    @Override
    public boolean isIntact() {
      synchronized (storage) {
        @Nullable Node named = directory.get(name);
        return storage.holds(file, this) && named == file;
      }
    }

    @Override
    public void close() {
      storage.unlock(file, this);
    }
  }
}
