package dev.walnut.internal.segment;

import java.util.Map;

/**
 * How much a question may read and how often it may call the disk: in proportion to the files. The
 * factors are about three times what any input has needed.
 */
enum WorkLimit {
  READER(16),
  OPEN(10),
  READ_ONLY(10),
  VERIFY(12),
  SALVAGE(20),
  UNSAFE_RECOVER(10);

  private static final int FILE_BYTES = 4096;
  private static final int FILE_CALLS = 100;
  private static final int BYTES_A_CALL = 16;

  private final int timesRead;

  WorkLimit(int timesRead) {
    this.timesRead = timesRead;
  }

  void check(Map<String, byte[]> files, CountingDisk disk) {
    check(files, disk.bytesRead(), disk.calls());
  }

  void check(Map<String, byte[]> files, long bytesRead, long calls) {
    long bytes = files.values().stream().mapToLong(content -> content.length).sum();
    long count = files.size() + 1;
    boolean readTooMuch = bytesRead > timesRead * (bytes + FILE_BYTES * count);
    if (readTooMuch || calls > FILE_CALLS * count + bytes / BYTES_A_CALL) {
      throw new AssertionError(
          String.format(
              "%s of %d files with %d bytes read %d bytes in %d calls",
              this, files.size(), bytes, bytesRead, calls));
    }
  }
}
