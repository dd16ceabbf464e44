package dev.walnut.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Watches the end of the log that another process writes, for the first bytes of its next batch.
 *
 * <p>A write call takes some microseconds of the milliseconds between two acknowledgements, so a
 * kill at any moment hardly ever meets one. The bytes are seen as soon as the system has taken
 * them, when most of a large batch is still to come.
 */
final class TailWatch {
  private static final String PREFIX = "segment_";

  /** More than a batch header, which is not all zeros. */
  private static final int LOOK_BYTES = 64;

  /** Behind it there is no room for a batch with one of the large lines. */
  private static final long END_MAX = DemoSettings.SEGMENT_BYTES * 5 / 8;

  /** The writer may have nothing left to write. */
  private static final long WAIT_NANOS_MAX = 100_000_000;

  private TailWatch() {}

  /** Returns when a large batch has begun to arrive, or after a while without one. */
  static void awaitWrite(Path log) throws IOException {
    long deadline = System.nanoTime() + WAIT_NANOS_MAX;
    while (!sawWrite(log, deadline) && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
  }

  private static boolean sawWrite(Path log, long deadline) throws IOException {
    for (Path segment : newestFirst(log)) {
      try (FileChannel file = FileChannel.open(segment, StandardOpenOption.READ)) {
        long end = end(file);
        if (end > 0) {
          return end <= END_MAX && sawBytes(file, end, deadline);
        }
      } catch (NoSuchFileException e) {
        return false; // the writer has just retired it
      }
    }
    return false;
  }

  private static List<Path> newestFirst(Path log) throws IOException {
    try (Stream<Path> files = Files.list(log)) {
      return files
          .filter(file -> file.getFileName().toString().matches(PREFIX + "\\d+"))
          .sorted(Comparator.comparingLong(TailWatch::number).reversed())
          .toList();
    }
  }

  private static long number(Path segment) {
    return Long.parseLong(segment.getFileName().toString().substring(PREFIX.length()));
  }

  /** Where the last byte that is not zero ends; 0 for a segment that was only made ready. */
  private static long end(FileChannel file) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(file.size()));
    file.read(content, 0);
    int end = content.position();
    while (end > 0 && content.get(end - 1) == 0) {
      end--;
    }
    return end;
  }

  private static boolean sawBytes(FileChannel file, long end, long deadline) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(LOOK_BYTES);
    while (isZero(file, bytes, end)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  private static boolean isZero(FileChannel file, ByteBuffer bytes, long offset)
      throws IOException {
    bytes.clear();
    file.read(bytes, offset);
    bytes.flip();
    while (bytes.hasRemaining()) {
      if (bytes.get() != 0) {
        return false;
      }
    }
    return true;
  }
}
