package dev.walnut;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Keeps book of what was synced, and tells what is left of a tree of files when the power goes off:
 * of each file what was last synced; of each name that was made or deleted since its directory was
 * synced, what the directory said then.
 */
final class SyncedFiles {
  private static final int SECTOR_BYTES = 512;

  /** A file, whatever its name. */
  static final class Content {
    byte[] synced = new byte[0];
  }

  private final Path root;
  private final Memory scratch;
  private final Map<Path, Map<String, Content>> names = new HashMap<>();
  private final Map<Path, Map<String, Content>> syncedNames = new HashMap<>();

  SyncedFiles(Disk disk, Path root) {
    this.root = root;
    this.scratch = disk.allocate(1 << 17);
  }

  // ---- what happened

  /** A directory was opened or made; whatever is in it when it is first seen is durable. */
  void saw(Path dir) throws IOException {
    if (names.containsKey(dir)) {
      return;
    }
    Map<String, Content> found = new HashMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Content content = new Content();
        content.synced = Files.readAllBytes(file);
        found.put(file.getFileName().toString(), content);
      }
    }
    names.put(dir, found);
    syncedNames.put(dir, new HashMap<>(found));
  }

  void created(Path dir, String name) {
    names.get(dir).put(name, new Content());
  }

  Content opened(Path dir, String name) {
    return names.get(dir).computeIfAbsent(name, unseen -> new Content());
  }

  void deleted(Path dir, String name) {
    names.get(dir).remove(name);
  }

  void renamed(Path dir, String name, Path target, String targetName) {
    names.get(target).put(targetName, names.get(dir).remove(name));
  }

  void linked(Path dir, String name, Path target, String targetName) {
    names.get(target).put(targetName, names.get(dir).get(name));
  }

  void syncedDirectory(Path dir) {
    syncedNames.put(dir, new HashMap<>(names.get(dir)));
  }

  void syncedFile(Content content, DiskFile file) throws IOException {
    content.synced = new byte[Math.toIntExact(file.size())];
    syncedRange(content, file, 0, content.synced.length);
  }

  /** A range alone is durable; where the file ended before, there are zeros between. */
  void syncedRange(Content content, DiskFile file, long offset, long length) throws IOException {
    int end = Math.toIntExact(offset + length);
    if (content.synced.length < end) {
      content.synced = java.util.Arrays.copyOf(content.synced, end);
    }
    for (int at = (int) offset; at < end; at += scratch.capacity()) {
      int bytes = Math.min(scratch.capacity(), end - at);
      file.read(at, scratch, 0, bytes);
      scratch.bytes().get(0, content.synced, at, bytes);
    }
  }

  // ---- what is left

  /** All files as a killed process leaves them, by their paths below the root. */
  TreeMap<String, byte[]> killed() throws IOException {
    TreeMap<String, byte[]> left = new TreeMap<>();
    if (Files.isDirectory(root)) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          left.put(root.relativize(file).toString(), Files.readAllBytes(file));
        }
      }
    }
    return left;
  }

  /** What was synced and nothing else. */
  TreeMap<String, byte[]> cut() throws IOException {
    TreeMap<String, byte[]> left = killed();
    names.forEach((dir, files) -> files.keySet().forEach(name -> left.remove(key(dir, name))));
    syncedNames.forEach(
        (dir, files) -> files.forEach((name, content) -> left.put(key(dir, name), content.synced)));
    return left;
  }

  /** What was synced, and of the rest some names and some sectors. */
  TreeMap<String, byte[]> mixed(Random random) throws IOException {
    TreeMap<String, byte[]> killed = killed();
    TreeMap<String, byte[]> left = cut();
    for (String key : new java.util.TreeSet<>(killed.keySet())) {
      if (!left.containsKey(key) && random.nextBoolean()) {
        Content content = contentOf(key);
        left.put(key, content == null ? killed.get(key) : content.synced);
      }
    }
    for (String key : new java.util.TreeSet<>(left.keySet())) {
      if (!killed.containsKey(key) && random.nextBoolean() && !onlyNameOf(key, left.keySet())) {
        left.remove(key);
      } else if (killed.containsKey(key) && random.nextBoolean()) {
        left.put(key, mixed(left.get(key), killed.get(key), random));
      }
    }
    return left;
  }

  /** A rename is one step: the file has its new name by the time the old one is gone. */
  private boolean onlyNameOf(String key, Set<String> left) {
    Path old = root.resolve(key);
    Content content = syncedNames.get(old.getParent()).get(old.getFileName().toString());
    for (Map.Entry<Path, Map<String, Content>> dir : names.entrySet()) {
      for (Map.Entry<String, Content> file : dir.getValue().entrySet()) {
        if (file.getValue() == content && !left.contains(key(dir.getKey(), file.getKey()))) {
          return true;
        }
      }
    }
    return false;
  }

  private Content contentOf(String key) {
    Path file = root.resolve(key);
    return names.getOrDefault(file.getParent(), Map.of()).get(file.getFileName().toString());
  }

  private static byte[] mixed(byte[] synced, byte[] written, Random random) {
    byte[] mixed = java.util.Arrays.copyOf(written, written.length);
    int longest = Math.max(synced.length, written.length);
    for (int at = 0; at < longest; at += SECTOR_BYTES) {
      if (random.nextBoolean()) {
        for (int i = at; i < Math.min(at + SECTOR_BYTES, mixed.length); i++) {
          mixed[i] = i < synced.length ? synced[i] : 0;
        }
      }
    }
    return mixed;
  }

  private String key(Path dir, String name) {
    return root.relativize(dir.resolve(name)).toString();
  }

  /** Puts files in the place of a tree. */
  static void restore(TreeMap<String, byte[]> files, Path root) throws IOException {
    if (Files.isDirectory(root)) {
      try (Stream<Path> old = Files.walk(root)) {
        for (Path path : old.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    Files.createDirectories(root);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = root.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }
}
