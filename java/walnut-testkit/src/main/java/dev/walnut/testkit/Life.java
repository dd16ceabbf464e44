package dev.walnut.testkit;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/** The storage as a running machine sees it, until it stops: a body of the platform's contract. */
final class Life implements Disk {
  private final Storage storage;
  private final MemoryPool memory;
  private final Object life;

  Life(Storage storage, MemoryPool memory) {
    this.storage = storage;
    this.memory = memory;
    this.life = storage.life();
  }

  @Override
  public String name() {
    return "simulated";
  }

  @Override
  public Memory allocate(int bytes) {
    return memory.take(bytes);
  }

  @Override
  public WritePlan newPlan() {
    return new SpanPlan();
  }

  @Override
  public DiskDirectory openDirectory(Path path) throws IOException {
    synchronized (storage) {
      String operation = "open directory " + path;
      storage.check(life, operation);
      return open(path, operation);
    }
  }

  private DiskDirectory open(Path path, String operation) throws IOException {
    return new LifeDirectory(storage, life, path, storage.directory(path, operation));
  }

  @Override
  public DiskDirectory createDirectory(Path path) throws IOException {
    synchronized (storage) {
      String operation = "create directory " + path;
      storage.check(life, operation);
      createMissing(path.toAbsolutePath().normalize(), operation);
      return open(path, operation);
    }
  }

  private void createMissing(Path path, String operation) throws IOException {
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null || storage.find(path) != null) {
      return;
    }
    Path above = parent.getParent();
    if (storage.find(parent) == null) {
      createMissing(parent, operation);
    } else if (above != null) {
      storage.sync(life, storage.directory(above, operation), above);
    }
    StoredDirectory names = storage.directory(parent, operation);
    storage.step(life, DiskCall.CREATE_DIRECTORY, path, 0, 0, operation);
    names.put(name.toString(), new StoredDirectory());
    storage.sync(life, names, parent);
  }

  @Override
  public void deleteDirectory(Path path) throws IOException {
    synchronized (storage) {
      String operation = "delete directory " + path;
      Path whole = path.toAbsolutePath().normalize();
      storage.check(life, operation);
      if (!storage.directory(path, operation).names().isEmpty()) {
        throw new DirectoryNotEmptyException(path.toString());
      }
      Path parent = whole.getParent();
      Path name = whole.getFileName();
      if (parent == null || name == null) {
        throw new FileAlreadyExistsException(path.toString());
      }
      storage.step(life, DiskCall.DELETE_DIRECTORY, path, 0, 0, operation);
      storage.directory(parent, operation).remove(name.toString());
    }
  }
}
