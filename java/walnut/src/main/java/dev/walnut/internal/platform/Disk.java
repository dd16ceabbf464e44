package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The machine below a log: files, syncs, checksums, memory. Two bodies stand under this contract,
 * one in C and one on {@link java.nio.channels.FileChannel}; tests add bodies that fail.
 *
 * <p>Failures are the same types on every body: {@link java.nio.file.NoSuchFileException}, {@link
 * java.nio.file.FileAlreadyExistsException}, {@link java.nio.file.AccessDeniedException}, {@link
 * DiskFullException}, {@link LockHeldException}, and {@link java.nio.file.FileSystemException} with
 * the system's own words for the rest.
 */
public interface Disk {

  /** {@code "native"} or {@code "java"}; for statistics and messages. */
  String name();

  /**
   * Returns new zeroed memory outside the heap, little-endian.
   *
   * @param bytes at least 1
   */
  Memory allocate(int bytes);

  /**
   * Returns an empty plan for {@link DiskFile#write}; it may be reused, by one thread at a time.
   */
  WritePlan newPlan();

  /** Opens an existing directory. */
  DiskDirectory openDirectory(Path path) throws IOException;

  /**
   * Opens a directory, creating it and its missing parents first. Each new name is synced in its
   * parent before this returns, and so is that of the directory in which the first is made, since
   * whoever made that may have died before it was.
   */
  DiskDirectory createDirectory(Path path) throws IOException;

  /** Removes a directory that holds nothing. */
  void deleteDirectory(Path path) throws IOException;
}
