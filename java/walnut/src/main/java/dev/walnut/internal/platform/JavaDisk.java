package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The body on the JDK's channels. */
final class JavaDisk implements Disk {
  static final JavaDisk INSTANCE = new JavaDisk();

  private JavaDisk() {}

  @Override
  public String name() {
    return "java";
  }

  @Override
  public Memory allocate(int bytes) {
    return new Memory(ByteBuffer.allocateDirect(bytes), 0);
  }

  @Override
  public WritePlan newPlan() {
    return new JavaWritePlan();
  }

  @Override
  public DiskDirectory openDirectory(Path path) throws IOException {
    return JavaDirectory.open(path);
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
