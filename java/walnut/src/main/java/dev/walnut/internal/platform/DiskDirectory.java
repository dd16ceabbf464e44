package dev.walnut.internal.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One directory. Names are plain file names, never paths. Safe for use by several threads; {@link
 * #sync} is never called twice after it has failed.
 */
public interface DiskDirectory extends Closeable {

  /** The path it was opened by; for messages. */
  Path path();

  /** The names of the regular files in it, in no order. Symbolic links are not followed. */
  List<String> listFiles() throws IOException;

  /** Creates a file, for reading and writing; the name is durable after {@link #sync}. */
  DiskFile create(String name) throws IOException;

  /** Opens an existing regular file for reading and writing; never blocks on a FIFO. */
  DiskFile open(String name) throws IOException;

  /** Opens an existing regular file for reading; never blocks on a FIFO. */
  DiskFile openRead(String name) throws IOException;

  /** Removes a file's name. */
  void delete(String name) throws IOException;

  /**
   * Moves a file into another directory of the same file system, in one step. Durable after a
   * {@link #sync} of the target and then of this; synced in that order, the file is never without a
   * name.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the target holds that name; nothing is
   *     replaced
   */
  void rename(String name, DiskDirectory target, String targetName) throws IOException;

  /**
   * Gives a file a second name in another directory: the same bytes, from then on and for as long
   * as either name stands. Durable after a {@link #sync} of the target.
   *
   * @return false, and nothing is changed, where that cannot be done, because the target lies on
   *     another file system, say, or could not be told later by {@link #isShared}
   * @throws java.nio.file.FileAlreadyExistsException if the target holds that name; nothing is
   *     replaced
   */
  boolean link(String name, DiskDirectory target, String targetName) throws IOException;

  /** Whether a file has another name too, here or elsewhere. */
  boolean isShared(String name) throws IOException;

  /** Makes every name created or removed so far durable. */
  void sync() throws IOException;

  /**
   * Takes the lock that the named file stands for, creating the file if need be, without waiting.
   *
   * @throws LockHeldException if another process, or another opener in this one, holds it
   */
  DiskLock lock(String name) throws IOException;

  /** Whether overwriting a block here moves it, so that space zeroed ahead gains nothing. */
  boolean copiesOnWrite();
}
