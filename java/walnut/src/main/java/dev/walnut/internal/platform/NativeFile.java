package dev.walnut.internal.platform;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;

/** A file by its descriptor. */
final class NativeFile implements LockableFile {
  private final NativeDirectory directory;
  private final Path path;
  private final Descriptor descriptor;
  private final SyncGate syncs = new SyncGate();

  NativeFile(NativeDirectory directory, Path path, int fd) {
    this.directory = directory;
    this.path = path;
    this.descriptor = new Descriptor(path.toString(), fd);
  }

  @Override
  public String name() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public long size() throws IOException {
    return call(NativeCalls::size, "look at ", "");
  }

  @Override
  public int read(long offset, Memory target, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, target.capacity());
    DiskErrors.checkOffset(offset);
    int fd = descriptor.acquire();
    try {
      long result = NativeCalls.read(fd, target.address() + from, length, offset);
      if (result < 0) {
        throw NativeErrors.of("read " + path + DiskErrors.numbers(offset, length), result);
      }
      return (int) result;
    } finally {
      descriptor.release();
      Reference.reachabilityFence(target);
    }
  }

  @Override
  public long write(long offset, WritePlan plan, Durability durability) throws IOException {
    DiskErrors.checkOffset(offset);
    NativeWritePlan own = (NativeWritePlan) plan;
    if (durability == Durability.NONE) {
      return commit(offset, own, NativeCalls.DURABLE_NONE);
    }
    int code = durability == Durability.FILE ? NativeCalls.DURABLE_FILE : NativeCalls.DURABLE_RANGE;
    return syncs.pass(path, () -> commit(offset, own, code));
  }

  private long commit(long offset, NativeWritePlan plan, int durability) throws IOException {
    int fd = descriptor.acquire();
    try {
      long result = plan.commit(fd, offset, durability);
      if (result < 0) {
        throw NativeErrors.of(
            "write " + path + DiskErrors.numbers(offset, plan.totalBytes()), result);
      }
      return result;
    } finally {
      descriptor.release();
      Reference.reachabilityFence(plan);
    }
  }

  @Override
  public void sync() throws IOException {
    syncs.pass(path, () -> call(NativeCalls::sync, "sync ", ""));
  }

  @Override
  public void truncate(long size) throws IOException {
    call(fd -> NativeCalls.truncate(fd, size), "truncate ", " to " + size + " bytes");
  }

  @Override
  public boolean reserve(long offset, long length) throws IOException {
    return call(
            fd -> NativeCalls.reserve(fd, offset, length),
            "reserve ",
            DiskErrors.numbers(offset, length))
        == 1;
  }

  @Override
  public boolean tryLock() throws IOException {
    int fd = descriptor.acquire();
    try {
      int result = NativeCalls.lock(fd);
      if (result < 0 && NativeErrors.kind(result) == DiskErrors.Kind.HELD) {
        return false;
      }
      if (result < 0) {
        throw NativeErrors.of("lock " + path, result);
      }
      return true;
    } finally {
      descriptor.release();
    }
  }

  @Override
  public boolean isNamed() throws IOException {
    int fd = descriptor.acquire();
    try {
      return directory.isNamed(fd, path);
    } finally {
      descriptor.release();
    }
  }

  @Override
  public void close() throws IOException {
    descriptor.close();
  }

  private interface Call {
    long run(int fd);
  }

  private long call(Call call, String operation, String numbers) throws IOException {
    int fd = descriptor.acquire();
    try {
      long result = call.run(fd);
      if (result < 0) {
        throw NativeErrors.of(operation + path + numbers, result);
      }
      return result;
    } finally {
      descriptor.release();
    }
  }
}
