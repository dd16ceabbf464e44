package dev.walnut.internal.platform;

import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** The file system, the quota or the file size limit has no room for a write. */
public final class DiskFullException extends FileSystemException {
  private static final long serialVersionUID = 1;

  /**
   * @param file the file's name, or null if the reason names it
   * @param reason the system's words
   */
  public DiskFullException(@Nullable String file, String reason) {
    super(file, null, reason);
  }
}
