package dev.walnut.realdisk;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Path;

/** The call by which ext4 and XFS let a file system die at once, as for their own tests. */
final class ShutdownIoctl {
  /** What still reaches the disk. */
  enum Cut {
    /** All of it: an orderly end, but for whoever still writes. */
    ALL_FLUSHED,
    /** The journal of the file system, but not the bytes of files. */
    JOURNAL_FLUSHED,
    /** Nothing: what was not synced by then is lost. */
    NOTHING_FLUSHED
  }

  /** {@code _IOR('X', 125, __u32)}, the same for both. */
  private static final long SHUTDOWN = 0x8004587dL;

  private static final int O_RDONLY = 0;
  private static final int O_CLOEXEC = 02000000;

  private ShutdownIoctl() {}

  static void shutDown(Path root, Cut cut) throws IOException {
    NativeLibrary libc = NativeLibrary.getInstance("c");
    int file =
        libc.getFunction("open").invokeInt(new Object[] {root.toString(), O_RDONLY | O_CLOEXEC});
    if (file < 0) {
      throw new IOException("open " + root + ": errno " + Native.getLastError());
    }
    try {
      Object[] arguments = {file, SHUTDOWN, new int[] {cut.ordinal()}};
      if (libc.getFunction("ioctl").invokeInt(arguments) != 0) {
        throw new IOException("shut down " + root + ": errno " + Native.getLastError());
      }
    } finally {
      libc.getFunction("close").invokeInt(new Object[] {file});
    }
  }
}
