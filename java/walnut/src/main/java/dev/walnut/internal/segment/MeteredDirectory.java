package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.DiskLock;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongConsumer;

/** A directory that tells how much is read from its files. */
final class MeteredDirectory implements DiskDirectory {
  private final DiskDirectory directory;
  private final LongConsumer meter;

  /**
   * @param directory does the work; closing this closes it
   * @param meter is told the bytes of every read
   */
  MeteredDirectory(DiskDirectory directory, LongConsumer meter) {
    this.directory = directory;
    this.meter = meter;
  }

  @Override
  public Path path() {
    return directory.path();
  }

  @Override
  public List<String> listFiles() throws IOException {
    return directory.listFiles();
  }

  @Override
  public DiskFile create(String name) throws IOException {
    return directory.create(name);
  }

  @Override
  public DiskFile open(String name) throws IOException {
    return directory.open(name);
  }

  @Override
  public DiskFile openRead(String name) throws IOException {
    return new MeteredFile(directory.openRead(name), meter);
  }

  @Override
  public void delete(String name) throws IOException {
    directory.delete(name);
  }

  @Override
  public void rename(String name, DiskDirectory target, String targetName) throws IOException {
    directory.rename(name, target, targetName);
  }

  @Override
  public boolean link(String name, DiskDirectory target, String targetName) throws IOException {
    return directory.link(name, target, targetName);
  }

  @Override
  public boolean isShared(String name) throws IOException {
    return directory.isShared(name);
  }

  @Override
  public void sync() throws IOException {
    directory.sync();
  }

  @Override
  public DiskLock lock(String name) throws IOException {
    return directory.lock(name);
  }

  @Override
  public boolean copiesOnWrite() {
    return directory.copiesOnWrite();
  }

  @Override
  public void close() throws IOException {
    directory.close();
  }

  private record MeteredFile(DiskFile file, LongConsumer meter) implements DiskFile {

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public int read(long offset, Memory target, int from, int length) throws IOException {
      int bytes = file.read(offset, target, from, length);
      meter.accept(bytes);
      return bytes;
    }

    @Override
    public long write(long offset, WritePlan plan, Durability durability) throws IOException {
      return file.write(offset, plan, durability);
    }

    @Override
    public void sync() throws IOException {
      file.sync();
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public boolean reserve(long offset, long length) throws IOException {
      return file.reserve(offset, length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
