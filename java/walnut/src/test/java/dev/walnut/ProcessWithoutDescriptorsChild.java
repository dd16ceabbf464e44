package dev.walnut;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Uses up its own descriptors under an open log, and says how each call on the log ends. */
final class ProcessWithoutDescriptorsChild {
  private static final Deque<FileInputStream> TAKEN = new ArrayDeque<>();

  private ProcessWithoutDescriptorsChild() {}

  private interface Deed {
    Object run() throws IOException;
  }

  /** Takes the back end's name and the log's directory, which must be new. */
  public static void main(String[] arguments) throws Exception {
    Path dir = Path.of(arguments[1]);
    WalConfig config =
        WalConfig.forDatabase(dir)
            .backend(Backend.valueOf(arguments[0]))
            .segmentThreshold(10)
            .build();
    loadClasses(Wal.class, "");
    loadClasses(ProcessWithoutDescriptorsChild.class, "ProcessWithoutDescriptorsChild");
    loadClasses(Await.class, "Await");
    try (Wal wal = Wal.open(config)) {
      settleAt(wal, 25);
      limitDescriptors();
      takeAllDescriptors(dir);

      say("append to the open segment", () -> appendUpTo(wal, 30));
      say("get from a closed segment", () -> wal.get(1).isPresent());
      say("append to the prepared segment", () -> settleAt(wal, 40));
      takeAllDescriptors(dir);
      say("append to a new segment", () -> appendUpTo(wal, 41));
      say("append to a new segment, later", () -> outcome(wal.appendAsync(new byte[1])));
      say("failure", () -> wal.stats().failure());

      while (!TAKEN.isEmpty()) {
        TAKEN.remove().close();
      }
      say("append with descriptors", () -> appendUpTo(wal, 55));
      say("get with descriptors", () -> wal.get(1).isPresent());
      say("failure", () -> wal.stats().failure());
    }
    System.out.println("closed");
  }

  private static void say(String deed, Deed body) {
    try {
      System.out.println(deed + ": " + body.run());
    } catch (IOException e) {
      System.out.println(deed + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static Object outcome(CompletableFuture<Long> future) {
    Throwable failure = Await.failure(future);
    return failure == null ? future.join() : failure;
  }

  private static long appendUpTo(Wal wal, long last) throws IOException {
    while (wal.lastIndex() < last) {
      wal.append(new byte[] {(byte) (wal.lastIndex() + 1)});
    }
    return wal.lastIndex();
  }

  /**
   * Appends and waits for the work that leaves, which closes files: that of the last but one too.
   */
  private static long settleAt(Wal wal, long last) throws IOException {
    appendUpTo(wal, last - 1);
    Await.until(() -> wal.stats().choresPending() == 0);
    appendUpTo(wal, last);
    Await.until(() -> wal.stats().choresPending() == 0);
    return wal.lastIndex();
  }

  /** Loading a class from a directory takes a descriptor, so all of ours are loaded before. */
  private static void loadClasses(Class<?> neighbour, String prefix) throws Exception {
    Path root = Path.of(neighbour.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (!Files.isDirectory(root)) {
      return; // a jar, which is open
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(root)) {
      files = walk.toList();
    }
    for (Path file : files) {
      String name = root.relativize(file).toString().replace('/', '.');
      if (name.startsWith("dev.walnut." + prefix) && name.endsWith(".class")) {
        String className = name.substring(0, name.length() - ".class".length());
        Class.forName(className, /* initialize= */ false, neighbour.getClassLoader());
      }
    }
  }

  private static void limitDescriptors() throws Exception {
    String pid = Long.toString(ProcessHandle.current().pid());
    int status =
        new ProcessBuilder("prlimit", "--pid", pid, "--nofile=128").inheritIO().start().waitFor();
    if (status != 0) {
      throw new IllegalStateException("prlimit ended with " + status);
    }
  }

  private static void takeAllDescriptors(Path dir) {
    try {
      while (true) {
        TAKEN.add(new FileInputStream(dir.resolve("segment_0").toFile()));
      }
    } catch (IOException e) {
      // There is none left.
    }
  }
}
