package dev.walnut.internal.platform;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A directory by its descriptor, to which names are relative wherever the directory moves. */
final class NativeDirectory implements DiskDirectory {
  private final Path path;
  private final Descriptor descriptor;
  private final boolean copiesOnWrite;
  private final SyncGate syncs = new SyncGate();

  NativeDirectory(Path path, int fd) {
    this.path = path;
    this.descriptor = new Descriptor("directory " + path, fd);
    this.copiesOnWrite = Directories.copiesOnWrite(path);
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
    checkNotMoved();
    return open("create", name, NativeCalls.OPEN_CREATE);
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return open("open", name, NativeCalls.OPEN_WRITE);
  }

  @Override
  public DiskFile openRead(String name) throws IOException {
    return open("open", name, NativeCalls.OPEN_READ);
  }

  private NativeFile open(String operation, String name, int mode) throws IOException {
    Path file = Directories.resolve(path, name);
    int fd = withName(name, (directory, text) -> NativeCalls.open(directory, text, mode));
    if (fd < 0) {
      throw NativeErrors.of(operation + " " + file, fd);
    }
    return new NativeFile(this, file, fd);
  }

  @Override
  public void delete(String name) throws IOException {
    Path file = Directories.resolve(path, name);
    int result = withName(name, NativeCalls::unlink);
    if (result < 0) {
      throw NativeErrors.of("delete " + file, result);
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
    int fd = descriptor.acquire();
    try {
      int result = NativeCalls.syncDirectory(fd);
      if (result < 0) {
        throw NativeErrors.of("sync directory " + path, result);
      }
      return result;
    } finally {
      descriptor.release();
    }
  }

  @Override
  public DiskLock lock(String name) throws IOException {
    checkNotMoved();
    return HeldLock.take(
        NativeDisk.INSTANCE,
        LockRegistry.key(path, name),
        Directories.resolve(path, name),
        () -> open("lock", name, NativeCalls.OPEN_PREPARE));
  }

  /** Whether a name in this directory stands for the open file. */
  boolean isNamed(int fd, Path file) throws IOException {
    Path name = file.getFileName();
    assert name != null : "made from a plain name";
    int result =
        withName(name.toString(), (directory, text) -> NativeCalls.isSame(fd, directory, text));
    if (result < 0) {
      throw NativeErrors.of("look at " + file, result);
    }
    return result == 1;
  }

  @Override
  public boolean copiesOnWrite() {
    return copiesOnWrite;
  }

  @Override
  public void close() throws IOException {
    descriptor.close();
  }

  /**
   * Names are relative to the descriptor and cannot go astray, but a file that others would look
   * for under the path must not be created elsewhere.
   */
  private void checkNotMoved() throws IOException {
    int result = withName(path.toString(), (fd, text) -> NativeCalls.isSame(fd, -1, text));
    if (result < 0) {
      throw NativeErrors.of("look at directory " + path, result);
    }
    if (result == 0) {
      throw DiskErrors.moved(path);
    }
  }

  private interface NamedCall {
    int run(int fd, long text);
  }

  private int withName(String name, NamedCall call) throws IOException {
    ByteBuffer text = NativeText.encode(name);
    int fd = descriptor.acquire();
    try {
      return call.run(fd, NativeCalls.addressOf(text));
    } finally {
      descriptor.release();
      Reference.reachabilityFence(text);
    }
  }
}
