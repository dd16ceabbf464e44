package dev.walnut.internal.platform;

import dev.walnut.Backend;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes things durable in phases, each begun by a new directory, which shows between the syncs to
 * whoever watches the system calls.
 */
final class SyncCallsChild {
  static final int CALLS = 20;
  static final int WRITES = 200;
  static final int SEGMENT_ENTRIES = 40;

  private SyncCallsChild() {}

  /** Takes the body's name and a directory. */
  public static void main(String[] arguments) throws IOException {
    Path path = Path.of(arguments[1]);
    boolean isNative = arguments[0].equals("native");
    floor(isNative ? Disks.nativeOrThrow() : Disks.java(), path);
    log(isNative ? Backend.NATIVE : Backend.JAVA, path);
  }

  private static void floor(Disk disk, Path path) throws IOException {
    WritePlan plan = disk.newPlan();
    plan.span(disk.allocate(100), 0, 100);
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskFile file = directory.create("file")) {
      begin(path, "plain-writes");
      for (int i = 0; i < CALLS; i++) {
        file.write(0, plan, Durability.NONE);
      }
      begin(path, "file-writes");
      for (int i = 0; i < CALLS; i++) {
        file.write(0, plan, Durability.FILE);
      }
      begin(path, "range-writes");
      for (int i = 0; i < CALLS; i++) {
        file.write(0, plan, Durability.RANGE);
      }
      begin(path, "file-syncs");
      for (int i = 0; i < CALLS; i++) {
        file.sync();
      }
      begin(path, "directory-syncs");
      for (int i = 0; i < CALLS; i++) {
        directory.sync();
      }
    }
  }

  private static void log(Backend backend, Path path) throws IOException {
    WalConfig config =
        WalConfig.forDatabase(path.resolve("log"))
            .backend(backend)
            .segmentThreshold(SEGMENT_ENTRIES)
            .build();
    begin(path, "log-opening");
    try (Wal wal = Wal.open(config)) {
      begin(path, "log");
      WalStats before = wal.stats();
      for (int i = 0; i < WRITES; i++) {
        wal.append(new byte[100]);
      }
      WalStats after = wal.stats();
      System.out.println((after.syncs() - before.syncs()) + " " + after.rotations());
    }
    begin(path, "end");
  }

  private static void begin(Path path, String phase) throws IOException {
    Files.createDirectory(path.resolve("phase-" + phase));
  }
}
