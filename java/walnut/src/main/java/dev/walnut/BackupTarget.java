package dev.walnut;

import dev.walnut.exception.WalException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Where a backup may go. Only looks. */
final class BackupTarget {
  private BackupTarget() {}

  /**
   * Refuses what cannot take one.
   *
   * @param logDir where the log lies
   * @throws IllegalArgumentException if the target is the log's directory, or in it
   * @throws WalException if there is something in it
   */
  static void require(Path target, Path logDir) throws IOException {
    if (real(target).startsWith(real(logDir))) {
      throw new IllegalArgumentException(
          "target: " + target + " is the log's own directory, or lies in it: " + logDir);
    }
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
      for (Path entry : entries) {
        throw new WalException(
            "backup to " + target + ": target: it must be empty, and holds " + entry.getFileName());
      }
    } catch (NotDirectoryException e) {
      throw new WalException("backup to " + target + ": target: it is not a directory", e);
    }
  }

  /** Without links, as far as it exists. */
  private static Path real(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Path existing = absolute;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    return existing.toRealPath().resolve(existing.relativize(absolute));
  }
}
