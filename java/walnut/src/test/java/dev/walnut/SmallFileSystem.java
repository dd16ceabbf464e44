package dev.walnut;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A real file system of a few MiB, mounted for one test. */
final class SmallFileSystem implements AutoCloseable {
  /** What is mounted. */
  enum Kind {
    TMPFS,
    EXT4
  }

  private static final String FILLER = "filler";
  private static final int PIECE_BYTES = 64 * 1024;

  private final Path mounted;

  private SmallFileSystem(Path mounted) {
    this.mounted = mounted;
  }

  /**
   * Mounts one. Ends the test, as skipped, where that is not allowed: it takes root, and for ext4
   * loop devices.
   *
   * @param base an empty directory that outlives it
   */
  static SmallFileSystem mount(Kind kind, int mebibytes, Path base) throws Exception {
    Path mounted = Files.createDirectory(base.resolve("mounted"));
    if (kind == Kind.TMPFS) {
      run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", mounted.toString());
    } else {
      Path image = base.resolve("image");
      try (FileChannel file =
          FileChannel.open(image, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.allocate(1), ((long) mebibytes << 20) - 1);
      }
      run("mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", image.toString());
      run("mount", "-o", "loop", image.toString(), mounted.toString());
    }
    return new SmallFileSystem(mounted);
  }

  private static void run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        skip(command, output.strip());
      }
    } catch (IOException e) {
      skip(command, e.getMessage());
    }
  }

  private static void skip(String[] command, String reason) {
    Assumptions.abort(
        "not run: mounting a small file system takes root and loop devices: "
            + String.join(" ", command)
            + ": "
            + reason);
  }

  Path root() {
    return mounted;
  }

  /** Takes all the room there is but so many bytes, or a little more. */
  void fillBut(long bytes) throws IOException {
    FileStore store = Files.getFileStore(mounted);
    ByteBuffer block = ByteBuffer.allocate(PIECE_BYTES);
    try (FileChannel file =
        FileChannel.open(
            mounted.resolve(FILLER), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (long left = store.getUsableSpace() - bytes;
          left > 0;
          left = store.getUsableSpace() - bytes) {
        file.write(block.clear().limit((int) Math.min(PIECE_BYTES, left)));
        file.force(false); // else what is free is not told until later
      }
    } catch (IOException e) {
      if (bytes > 0) {
        throw e;
      }
    }
  }

  /** Gives the room back. */
  void makeRoom() throws IOException {
    Files.deleteIfExists(mounted.resolve(FILLER));
  }

  /** Unmounts it; if something still uses it, as soon as that ends, and the test fails. */
  @Override
  public void close() throws IOException {
    if (umount() != 0) {
      int status = umount("-l");
      throw new IOException("umount " + mounted + ": in use; with -l it ended with " + status);
    }
  }

  private int umount(String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of("umount"));
    command.addAll(List.of(options));
    command.add(mounted.toString());
    return new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue();
  }
}
