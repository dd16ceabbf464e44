package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** What both bodies do with directories in the same way, by path. */
final class Directories {
  /** File systems that write a changed block to a new place. */
  private static final Set<String> COPYING = Set.of("bcachefs", "btrfs", "f2fs", "nilfs2", "zfs");

  private Directories() {}

  /** Creates what is missing of a path, each name synced in its parent, and opens the directory. */
  static DiskDirectory create(Disk disk, Path path) throws IOException {
    createMissing(disk, path.toAbsolutePath());
    return disk.openDirectory(path);
  }

  private static void createMissing(Disk disk, Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent == null || Files.isDirectory(directory)) {
      return;
    }
    if (Files.isDirectory(parent)) {
      syncName(disk, parent);
    } else {
      createMissing(disk, parent);
    }
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw DiskErrors.translate("create directory " + directory, e);
      }
    } catch (IOException e) {
      throw DiskErrors.translate("create directory " + directory, e);
    }
    try (DiskDirectory names = disk.openDirectory(parent)) {
      names.sync();
    }
  }

  /** Whoever made a directory may have died before its name was durable. */
  private static void syncName(Disk disk, Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent == null) {
      return;
    }
    try (DiskDirectory names = disk.openDirectory(parent)) {
      names.sync();
    } catch (AccessDeniedException e) {
      // Not ours to read, so the directory in it was made for us, by somebody who set it up.
    }
  }

  /** The names of the regular files in a directory. */
  static List<String> listFiles(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Path name = entry.getFileName();
        if (name != null && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
          names.add(name.toString());
        }
      }
    } catch (DirectoryIteratorException e) {
      throw DiskErrors.translate("list " + directory, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw DiskErrors.translate("list " + directory, e);
    }
    return names;
  }

  /** Moves a file, unless there is one in its new place. */
  static void rename(Path source, Path target) throws IOException {
    try {
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw DiskErrors.translate("rename " + source + " to " + target, e);
    }
  }

  /**
   * Gives a file a second name, unless that is taken; false where it cannot be done. The bodies of
   * a log tell by the count of names which files they must not change, so without one there is no
   * second name either.
   */
  static boolean link(Path source, Path target) throws IOException {
    try {
      if (names(source) == 0) {
        return false;
      }
      Files.createLink(target, source);
      return true;
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw DiskErrors.translate("link " + source + " as " + target, e);
    } catch (FileSystemException | UnsupportedOperationException e) {
      return false; // another file system, not permitted, too many names: whoever asks can copy
    } catch (IOException e) {
      throw DiskErrors.translate("link " + source + " as " + target, e);
    }
  }

  /** Whether a file has more than one name; where that cannot be told, nothing was linked. */
  static boolean isShared(Path file) throws IOException {
    try {
      return names(file) > 1;
    } catch (IOException e) {
      throw DiskErrors.translate("look at " + file, e);
    }
  }

  /** How many names a file has; 0 where the system does not tell. */
  private static int names(Path file) throws IOException {
    try {
      return Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS)
              instanceof Integer count
          ? count
          : 0;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return 0;
    }
  }

  /** Removes an empty directory. */
  static void delete(Path directory) throws IOException {
    try {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw Files.exists(directory, LinkOption.NOFOLLOW_LINKS)
            ? new NotDirectoryException(directory.toString())
            : new NoSuchFileException(directory.toString());
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw DiskErrors.translate("delete directory " + directory, e);
    }
  }

  /** Whether the file system says that it copies on write; one that cannot be asked does not. */
  static boolean copiesOnWrite(Path directory) {
    try {
      return COPYING.contains(Files.getFileStore(directory).type().toLowerCase(Locale.ROOT));
    } catch (IOException e) {
      return false; // Only speed depends on the answer, and most file systems do not.
    }
  }

  /** Returns the path of a name, which must not lead anywhere else. */
  static Path resolve(Path directory, String name) {
    Path file = directory.resolve(name);
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || !directory.equals(file.getParent())) {
      throw new IllegalArgumentException("not a plain file name: '" + name + "'");
    }
    return file;
  }
}
