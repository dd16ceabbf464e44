package dev.walnut.testkit;

import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskFullException;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Path;

/** A file of the simulated disk, open in one life of the machine. */
final class LifeFile implements DiskFile {
  private final Storage storage;
  private final Object life;
  private final Path path;
  private final StoredFile file;
  private final boolean writable;
  private boolean closed;

  LifeFile(Storage storage, Object life, Path path, StoredFile file, boolean writable) {
    this.storage = storage;
    this.life = life;
    this.path = path;
    this.file = file;
    this.writable = writable;
  }

  @Override
  public String name() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public long size() throws IOException {
    synchronized (storage) {
      requireOpen("look at ");
      return file.size();
    }
  }

  @Override
  public int read(long offset, Memory target, int from, int length) throws IOException {
    requireNotNegative(offset);
    synchronized (storage) {
      requireOpen("read ");
      byte[] bytes = new byte[(int) Math.max(0, Math.min(length, file.size() - offset))];
      int read = file.read(offset, bytes, bytes.length);
      target.bytes().put(from, bytes, 0, read);
      return read;
    }
  }

  @Override
  public long write(long offset, WritePlan plan, Durability durability) throws IOException {
    requireNotNegative(offset);
    byte[] bytes = ((SpanPlan) plan).bytes();
    synchronized (storage) {
      requireWritable("write ");
      if (bytes.length > 0) {
        storage.write(life, file, path, offset, bytes);
      }
      switch (durability) {
        case NONE -> {}
        case FILE -> storage.sync(life, file, path);
        case RANGE -> storage.syncRange(life, file, path, offset, offset + bytes.length);
      }
      return bytes.length;
    }
  }

  @Override
  public void sync() throws IOException {
    synchronized (storage) {
      requireOpen("sync ");
      storage.sync(life, file, path);
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    synchronized (storage) {
      requireWritable("truncate ");
      storage.step(life, DiskCall.TRUNCATE, path, size, 0, "truncate " + path);
      file.truncate(Math.toIntExact(size));
    }
  }

  @Override
  public boolean reserve(long offset, long length) throws IOException {
    synchronized (storage) {
      requireWritable("reserve ");
      if (offset + length > Integer.MAX_VALUE) {
        throw new DiskFullException(
            null,
            "reserve " + path + " at offset " + offset + ", " + length + " bytes: no such space");
      }
      if (!storage.reservesSpace()) {
        return false;
      }
      storage.step(life, DiskCall.RESERVE, path, offset, length, "reserve " + path);
      file.reserve((int) (offset + length));
      return true;
    }
  }

  @Override
  public void close() {
    synchronized (storage) {
      closed = true;
    }
  }

  private void requireWritable(String verb) throws IOException {
    requireOpen(verb);
    if (!writable) {
      throw new NonWritableChannelException();
    }
  }

  private void requireOpen(String verb) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    storage.check(life, verb + path);
  }

  private static void requireNotNegative(long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("negative offset: " + offset);
    }
  }
}
