package dev.walnut.realdisk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real file system on a loop device, whose power can be cut.
 *
 * <p>It is unmounted when it is closed; else when this process ends; else, after a process that was
 * killed, by the next one that mounts any. The loop device goes with it.
 */
final class LoopFileSystem implements AutoCloseable {
  /** What is mounted, and how. */
  enum Kind {
    EXT4(64, "mkfs.ext4", List.of("-q", "-F", "-b", "4096", "-m", "0"), "loop"),
    /** Without an order between data and metadata: a file may show what its blocks held before. */
    EXT4_WRITEBACK(64, "mkfs.ext4", List.of("-q", "-F", "-b", "4096"), "loop,data=writeback"),
    /** The smallest that its tool makes. */
    XFS(304, "mkfs.xfs", List.of("-q", "-f"), "loop");

    private final int mebibytes;
    private final String tool;
    private final List<String> toolOptions;
    private final String mountOptions;

    Kind(int mebibytes, String tool, List<String> toolOptions, String mountOptions) {
      this.mebibytes = mebibytes;
      this.tool = tool;
      this.toolOptions = toolOptions;
      this.mountOptions = mountOptions;
    }
  }

  private static final String MOUNT_PREFIX = "walnut-loop-";
  private static final Pattern MOUNTED =
      Pattern.compile("\\S+ (\\S*/" + MOUNT_PREFIX + "(\\d+)-\\S*) .*");
  private static final Set<Path> LIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> LIVE.forEach(LoopFileSystem::detach), "unmount"));
  }

  private final Kind kind;
  private final Path image;
  private final Path mounted;

  private LoopFileSystem(Kind kind, Path image, Path mounted) {
    this.kind = kind;
    this.image = image;
    this.mounted = mounted;
  }

  /**
   * Makes and mounts one. Ends the test, as skipped, where that cannot be: it takes root, loop
   * devices, and the tool of the file system.
   *
   * @param base a directory that outlives it
   */
  static LoopFileSystem make(Kind kind, Path base) throws IOException {
    unmountLeftovers();
    String name =
        ProcessHandle.current().pid() + "-" + kind.name().toLowerCase(java.util.Locale.ROOT);
    Path image = base.resolve("walnut-image-" + name);
    Path mounted = Files.createDirectories(base.resolve(MOUNT_PREFIX + name));
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(0); // nothing of a former one shows
      file.setLength((long) kind.mebibytes << 20);
    }
    List<String> make = new ArrayList<>(List.of(kind.tool));
    make.addAll(kind.toolOptions);
    make.add(image.toString());
    required(make);
    LoopFileSystem made = new LoopFileSystem(kind, image, mounted);
    required(made.mountCommand());
    LIVE.add(mounted);
    return made;
  }

  private List<String> mountCommand() {
    return List.of("mount", "-o", kind.mountOptions, image.toString(), mounted.toString());
  }

  Path root() {
    return mounted;
  }

  /** From now on nothing reaches the disk, and whoever tries gets an error. */
  void cutPower(ShutdownIoctl.Cut cut) throws IOException {
    ShutdownIoctl.shutDown(mounted, cut);
  }

  /**
   * The power is back: all that was only in memory is gone, and the file system's journal is
   * replayed.
   */
  void mountAgain() throws IOException {
    Done done = run(List.of("umount", mounted.toString()));
    if (done.status() != 0) {
      throw new IOException(done.said() + "; open are " + openFiles());
    }
    demanded(mountCommand());
  }

  /** Lets ext4 find itself damaged, upon which it refuses to be written: as {@code EROFS}. */
  void turnReadOnly() throws IOException {
    String device = Files.getFileStore(mounted).name();
    demanded(List.of("mount", "-o", "remount,errors=remount-ro", mounted.toString()));
    Path trigger =
        Path.of("/sys/fs/ext4").resolve(Path.of(device).getFileName()).resolve("trigger_fs_error");
    Assumptions.assumeTrue(Files.isWritable(trigger), "not run: this kernel has no " + trigger);
    Files.writeString(trigger, "1");
  }

  @Override
  public void close() throws IOException {
    LIVE.remove(mounted);
    if (run(List.of("umount", mounted.toString())).status() != 0) {
      detach(mounted);
      throw new IOException("umount " + mounted + ": something still uses it");
    }
    Files.delete(image);
  }

  /** Of all processes that may be looked at, with their ids. */
  private List<String> openFiles() throws IOException {
    List<String> open = new ArrayList<>();
    for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
      try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
        for (Path file : files.toList()) {
          Path target = Files.readSymbolicLink(file);
          if (target.startsWith(mounted)) {
            open.add(process.pid() + ": " + target);
          }
        }
      } catch (IOException | java.io.UncheckedIOException e) {
        // a process or a file that is gone
      }
    }
    return open;
  }

  // ---- what was left

  private static void unmountLeftovers() throws IOException {
    List<Path> left = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      Matcher mount = MOUNTED.matcher(line);
      if (mount.matches() && ProcessHandle.of(Long.parseLong(mount.group(2))).isEmpty()) {
        left.add(Path.of(mount.group(1)));
      }
    }
    left.forEach(LoopFileSystem::detach);
  }

  /** At once for all who look, and really as soon as nobody uses it. */
  private static void detach(Path mounted) {
    try {
      run(List.of("umount", "-l", mounted.toString()));
    } catch (IOException e) {
      System.err.println("umount -l " + mounted + ": " + e);
    }
  }

  // ---- files

  /** Copies the files of a directory to one that is made anew. */
  static void copy(Path from, Path to) throws IOException {
    if (Files.isDirectory(to)) {
      try (Stream<Path> old = Files.walk(to)) {
        for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  // ---- commands

  private record Done(int status, String said) {}

  private static Done run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Done(process.onExit().join().exitValue(), said.strip());
  }

  private static void demanded(List<String> command) throws IOException {
    Done done = run(command);
    if (done.status() != 0) {
      throw new IOException(String.join(" ", command) + ": " + done);
    }
  }

  private static void required(List<String> command) {
    String reason;
    try {
      Done done = run(command);
      reason = done.status() == 0 ? null : done.said();
    } catch (IOException e) {
      reason = e.getMessage();
    }
    if (reason != null) {
      Assumptions.abort(
          "SKIPPED: a file system whose power can be cut takes root, loop devices and "
              + command.get(0)
              + ": "
              + reason);
    }
  }
}
