package dev.walnut.internal.platform;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The body in C. Only reachable once {@link NativeLibrary} has loaded it. */
final class NativeDisk implements Disk {
  static final NativeDisk INSTANCE = new NativeDisk();

  private NativeDisk() {}

  @Override
  public String name() {
    return "native";
  }

  @Override
  public Memory allocate(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    return new Memory(buffer, NativeCalls.addressOf(buffer));
  }

  @Override
  public WritePlan newPlan() {
    return new NativeWritePlan(this);
  }

  @Override
  public DiskDirectory openDirectory(Path path) throws IOException {
    int fd = open(NativeText.encode(path.toString()));
    if (fd < 0) {
      throw NativeErrors.of("open directory " + path, fd);
    }
    return new NativeDirectory(path, fd);
  }

  private static int open(ByteBuffer path) {
    try {
      return NativeCalls.openDirectory(NativeCalls.addressOf(path));
    } finally {
      Reference.reachabilityFence(path);
    }
  }

  @Override
  public DiskDirectory createDirectory(Path path) throws IOException {
    return Directories.create(this, path);
  }

  @Override
  public void deleteDirectory(Path path) throws IOException {
    Directories.delete(path);
  }
}
