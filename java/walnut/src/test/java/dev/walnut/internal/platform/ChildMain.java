package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the tests let a process of its own do; see {@link ChildJvm}. */
final class ChildMain {
  private ChildMain() {}

  /** Runs the deed named first. */
  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "choose" -> choose();
      case "use" -> use(Disks.automatic().disk(), Path.of(arguments[1]));
      case "native" -> System.out.println(Disks.nativeOrThrow().name());
      case "hold" -> hold(disk(arguments[1]), Path.of(arguments[2]));
      case "lock" -> lock(disk(arguments[1]), Path.of(arguments[2]));
      case "fill" -> fill(disk(arguments[1]), Path.of(arguments[2]));
      case "exhaust" -> exhaust(disk(arguments[1]), Path.of(arguments[2]));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static Disk disk(String name) throws IOException {
    return name.equals("native") ? Disks.nativeOrThrow() : Disks.java();
  }

  /** Says which body is chosen and why, and that it works. */
  private static void choose() throws IOException {
    Disks.Choice choice = Disks.automatic();
    Disks.automatic();
    choice.disk().newPlan().span(choice.disk().allocate(10), 0, 10);
    System.out.println(choice.disk().name() + " | " + choice.reason());
  }

  /** Makes one call of every kind. */
  private static void use(Disk disk, Path path) throws IOException {
    Memory memory = disk.allocate(16);
    memory.bytes().putLong(0, 42);
    WritePlan plan = disk.newPlan();
    plan.cover(memory, 0, 8);
    plan.store(1, 2, memory, 8);
    plan.span(memory, 0, 16);
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskFile file = directory.create("a");
        DiskLock lock = directory.lock("lock")) {
      file.write(0, plan, Durability.RANGE);
      file.sync();
      directory.sync();
      Memory read = disk.allocate(16);
      boolean same = file.read(0, read, 0, 16) == 16 && read.bytes().equals(memory.bytes());
      boolean summed = read.bytes().getInt(8) == new Crc32c().start(1, 2).add(read, 0, 8).value();
      if (!same || !summed || !lock.isIntact()) {
        throw new IllegalStateException(same + " " + summed + " " + lock.isIntact());
      }
    }
    System.out.println(disk.name() + ": written, synced, read, locked");
  }

  /** Holds the lock until standard input ends. */
  private static void hold(Disk disk, Path path) throws IOException {
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskLock lock = directory.lock("lock")) {
      System.out.println("held " + lock.isIntact());
      while (System.in.read() >= 0) {
        // Nothing is ever sent.
      }
    }
  }

  private static void lock(Disk disk, Path path) throws IOException {
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskLock lock = directory.lock("lock")) {
      System.out.println("taken " + lock.isIntact());
    } catch (LockHeldException e) {
      System.out.println("refused " + e.getMessage());
    }
  }

  /** Writes 100 000 bytes past a limit of 20 480 for the size of a file. */
  private static void fill(Disk disk, Path path) throws Exception {
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskFile file = directory.create("a")) {
      Memory memory = disk.allocate(100_000);
      for (int i = 0; i < memory.capacity(); i++) {
        memory.bytes().put(i, (byte) (i * 31));
      }
      WritePlan plan = disk.newPlan();
      plan.span(memory, 0, 15_000);
      plan.span(memory, 15_000, 85_000);
      limit("--fsize=20480");
      try {
        file.write(0, plan, Durability.NONE);
        System.out.println("written");
      } catch (DiskFullException e) {
        System.out.println("full " + file.size() + " " + e.getMessage());
      }
    }
  }

  /** Opens files until there is no descriptor left, then closes one and opens another. */
  private static void exhaust(Disk disk, Path path) throws Exception {
    List<DiskFile> files = new ArrayList<>();
    WritePlan plan = disk.newPlan();
    plan.span(disk.allocate(10), 0, 10);
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskFile held = directory.create("a")) {
      // Loading a class takes a descriptor, so everything below is done once before.
      held.write(0, plan, Durability.FILE);
      openAll(directory, "missing", new ArrayList<>());
      limit("--nofile=128");

      System.out.println(openAll(directory, "a", files));
      System.out.println("held file writes " + held.write(0, plan, Durability.FILE));
      files.remove(0).close();
      directory.open("a").close();
      System.out.println("opened again");
    }
  }

  /** Opens a file again and again and returns how that ended. */
  private static String openAll(DiskDirectory directory, String name, List<DiskFile> files)
      throws IOException {
    try {
      while (true) {
        files.add(directory.open(name));
      }
    } catch (FileSystemException e) {
      return e.getClass().getSimpleName() + " " + e.getMessage();
    }
  }

  /** Limits this process; loading classes and libraries is over by now. */
  private static void limit(String limit) throws Exception {
    String pid = Long.toString(ProcessHandle.current().pid());
    int status = new ProcessBuilder("prlimit", "--pid", pid, limit).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IllegalStateException("prlimit ended with " + status);
    }
  }
}
