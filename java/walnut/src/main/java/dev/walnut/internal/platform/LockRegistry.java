package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The locks held in this process, by every copy of this class in every class loader.
 *
 * <p>It is asked before a lock file is opened: where locks belong to the process, closing a second
 * handle on the file drops the lock of the first without a word.
 */
final class LockRegistry {
  private static final String PREFIX = "walnut.lock.";

  private LockRegistry() {}

  /**
   * Returns the key of a lock file: the same for every path that leads to it.
   *
   * @param directory an existing directory, held open by the caller so that its identity is not
   *     given to another
   */
  static String key(Path directory, String name) throws IOException {
    Object identity = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    String where = identity == null ? directory.toRealPath().toString() : identity.toString();
    return PREFIX + where + "/" + name;
  }

  /** Claims the key for this process and returns null, or returns who has it. */
  static @Nullable String claim(String key) {
    String holder = "another opener in this process, " + ProcessHandle.current().pid();
    return (String) System.getProperties().putIfAbsent(key, holder);
  }

  static void release(String key) {
    System.getProperties().remove(key);
  }
}
