package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Made;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Watches one log's disk, and tells at every call what would be there if the power went off: for
 * each file what was last synced, or what it holds now; for each name that was made or deleted
 * since the directory was synced, either.
 */
final class PowerCuts {
  /** Runs before each call. */
  interface Watcher {
    void beforeCall(String call) throws IOException;
  }

  private final Path dir;
  private final FaultyDisk counted;
  private final TreeMap<String, byte[]> syncedContent = new TreeMap<>();
  private Set<String> syncedNames = Set.of();
  private int seen;

  /** Nothing is really synced. */
  PowerCuts(Disk below, Path dir) {
    this.counted = new FaultyDisk(GatedDisk.withoutSyncs(below));
    this.dir = dir;
  }

  /** The disk to use: each call is told to the watcher before it is made. */
  Disk disk(Watcher watcher) {
    return GatedDisk.of(
        counted,
        (call, arguments) -> {
          noteSyncs();
          watcher.beforeCall(counted.calls().size() + ": " + call.getName());
          return true;
        });
  }

  /** What the last call has made durable; nothing was written since. */
  private void noteSyncs() throws IOException {
    List<Made> calls = counted.calls();
    for (Made made : calls.subList(seen, calls.size())) {
      String name = Path.of(made.name()).getFileName().toString();
      if (made.call() == Call.SYNC_DIRECTORY && Files.isDirectory(dir)) {
        syncedNames = new TreeSet<>(current().keySet());
      } else if (made.syncs() && Files.exists(dir.resolve(name))) {
        syncedContent.put(name, Files.readAllBytes(dir.resolve(name)));
      }
    }
    seen = calls.size();
  }

  /** The files as a killed process leaves them. */
  TreeMap<String, byte[]> current() throws IOException {
    return Files.isDirectory(dir) ? LogFiles.content(dir) : new TreeMap<>();
  }

  /** The files when nothing survives but what was synced. */
  TreeMap<String, byte[]> synced() throws IOException {
    return survivors(null);
  }

  /** The files when of the rest some survives. */
  TreeMap<String, byte[]> mixed(Random random) throws IOException {
    return survivors(random);
  }

  private TreeMap<String, byte[]> survivors(Random random) throws IOException {
    TreeMap<String, byte[]> current = current();
    Set<String> names = new TreeSet<>(syncedNames);
    names.addAll(current.keySet());
    TreeMap<String, byte[]> left = new TreeMap<>();
    for (String name : names) {
      boolean nameSynced = syncedNames.contains(name) == current.containsKey(name);
      boolean nameIsNew = !nameSynced && random != null && random.nextBoolean();
      boolean named = nameIsNew ? current.containsKey(name) : syncedNames.contains(name);
      byte[] synced = syncedContent.getOrDefault(name, new byte[0]);
      boolean contentIsNew = random != null && current.containsKey(name) && random.nextBoolean();
      if (named) {
        left.put(name, contentIsNew ? current.get(name) : synced);
      }
    }
    return left;
  }
}
