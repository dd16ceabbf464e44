package dev.walnut.internal.platform;

import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.EnumSet;
import java.util.Set;

/** Errors of the system, and the exceptions that each body makes of them. */
public enum Errno {
  EIO(5, "Input/output error"),
  ENOSPC(28, "No space left on device"),
  EDQUOT(122, "Disk quota exceeded"),
  EFBIG(27, "File too large"),
  EROFS(30, "Read-only file system"),
  EINTR(4, "Interrupted system call"),
  EMFILE(24, "Too many open files");

  private static final Set<Call> OPENS =
      EnumSet.of(Call.OPEN_DIRECTORY, Call.LIST, Call.CREATE, Call.OPEN, Call.OPEN_READ, Call.LOCK);

  private final int number;
  private final String words;

  Errno(int number, String words) {
    this.number = number;
    this.words = words;
  }

  /** Linux's number. */
  public int number() {
    return number;
  }

  /** The system's words. */
  public String words() {
    return words;
  }

  /** Whether a call can end like this; only what opens something runs out of descriptors. */
  public boolean canEnd(Call call) {
    return this != EMFILE || OPENS.contains(call);
  }

  /** Whether it says that there is no room. */
  public boolean isFull() {
    return this == ENOSPC || this == EDQUOT || this == EFBIG;
  }

  /**
   * What a body throws.
   *
   * @param isNative whether the body knows the number
   * @param operation operation, object and numbers
   */
  public IOException thrown(boolean isNative, String operation) {
    String sentence = operation + ": " + words + (isNative ? " (" + number + ")" : "");
    return isFull()
        ? new DiskFullException(null, sentence)
        : new FileSystemException(null, null, sentence);
  }
}
