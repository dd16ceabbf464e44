package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A file on a channel that interrupts do not close. */
final class JavaFile implements LockableFile {
  private final Path path;
  private final SteadyChannel channel;
  private final SyncGate syncs = new SyncGate();

  /** What the name stood for when the file was locked; null before, and where there is no such. */
  private volatile @Nullable Object lockedIdentity;

  JavaFile(Path path, SteadyChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  @Override
  public String name() {
    return String.valueOf(path.getFileName());
  }

  @Override
  public long size() throws IOException {
    try {
      return channel.size();
    } catch (IOException e) {
      throw DiskErrors.translate("look at " + path, e);
    }
  }

  @Override
  public int read(long offset, Memory target, int from, int length) throws IOException {
    DiskErrors.checkOffset(offset);
    ByteBuffer view = target.bytes().duplicate().clear().slice(from, length);
    try {
      while (view.hasRemaining() && channel.read(view, offset + view.position()) >= 0) {
        // Each read moves the position; the end of the file ends the loop.
      }
    } catch (IOException e) {
      throw DiskErrors.translate("read " + path + DiskErrors.numbers(offset, length), e);
    }
    return view.position();
  }

  @Override
  public long write(long offset, WritePlan plan, Durability durability) throws IOException {
    DiskErrors.checkOffset(offset);
    JavaWritePlan own = (JavaWritePlan) plan;
    if (durability == Durability.NONE) {
      return writeSpans(offset, own);
    }
    return syncs.pass(
        path,
        () -> {
          long written = writeSpans(offset, own);
          syncOnce();
          return written;
        });
  }

  private long writeSpans(long offset, JavaWritePlan plan) throws IOException {
    long written = 0;
    try {
      for (int i = 0; i < plan.spanCount(); i++) {
        written += writeFully(plan.span(i), offset + written);
      }
    } catch (IOException e) {
      throw DiskErrors.translate(
          "write " + path + DiskErrors.numbers(offset, plan.totalBytes()), e);
    }
    return written;
  }

  private long writeFully(ByteBuffer span, long offset) throws IOException {
    int stalls = 0;
    while (span.hasRemaining()) {
      stalls = channel.write(span, offset + span.position()) > 0 ? 0 : stalls + 1;
      if (stalls == 2) {
        throw new IOException("no progress in two writes");
      }
    }
    return span.position();
  }

  @Override
  public void sync() throws IOException {
    syncs.pass(path, this::syncOnce);
  }

  private long syncOnce() throws IOException {
    try {
      // Without metadata the size is synced too, as far as it is needed to read the data.
      channel.sync(/* metadata= */ false);
      return 0;
    } catch (IOException e) {
      throw DiskErrors.translate("sync " + path, e);
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    try {
      if (size > channel.size()) {
        writeFully(ByteBuffer.allocate(1), size - 1);
      } else {
        channel.cut(size);
      }
    } catch (IOException e) {
      throw DiskErrors.translate("truncate " + path + " to " + size + " bytes", e);
    }
  }

  /** Only looks: the JDK cannot reserve. Space counted here may be gone when it is needed. */
  @Override
  public boolean reserve(long offset, long length) throws IOException {
    long missing = offset + length - size();
    if (missing > 0 && missing > usableSpace()) {
      throw DiskErrors.of(
          DiskErrors.Kind.FULL,
          "reserve " + path + DiskErrors.numbers(offset, length) + ": the file store has less");
    }
    return false;
  }

  private long usableSpace() throws IOException {
    try {
      return Files.getFileStore(path).getUsableSpace();
    } catch (IOException e) {
      throw DiskErrors.translate("look at the file store of " + path, e);
    }
  }

  @Override
  public boolean tryLock() throws IOException {
    try {
      lockedIdentity = identity(path);
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return false; // This process has it locked by another name of the same file.
    } catch (IOException e) {
      throw DiskErrors.translate("lock " + path, e);
    }
  }

  @Override
  public boolean isNamed() throws IOException {
    BasicFileAttributes attributes = attributes(path, LinkOption.NOFOLLOW_LINKS);
    return attributes != null && Objects.equals(lockedIdentity, attributes.fileKey());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * What tells the file or directory a path leads to from all others; null where it leads nowhere.
   */
  static @Nullable Object identity(Path path) throws IOException {
    BasicFileAttributes attributes = attributes(path);
    return attributes == null ? null : attributes.fileKey();
  }

  private static @Nullable BasicFileAttributes attributes(Path path, LinkOption... options)
      throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, options);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw DiskErrors.translate("look at " + path, e);
    }
  }
}
