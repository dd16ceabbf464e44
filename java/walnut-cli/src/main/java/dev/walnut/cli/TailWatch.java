package dev.walnut.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Watches the end of the log that another process writes, for a large batch that has arrived in
 * part.
 *
 * <p>A write call takes some microseconds of the milliseconds between two acknowledgements, so a
 * kill at any moment hardly ever meets one, and one that is sent when a batch begins to arrive
 * comes too late. So busy threads contend for the processors while this watches: the writer is made
 * to wait now and then, in the middle of a write too, and long enough to be met there.
 */
final class TailWatch {
  private static final String PREFIX = "segment_";

  /** Of a batch without a large line at most. */
  private static final int SMALL_BYTES = 16 * 1024;

  /** Of a batch with a large line at least. */
  private static final int LARGE_BYTES = 64 * 1024;

  /** The writer may have nothing left to write, or never be made to wait at the right place. */
  private static final long WAIT_NANOS_MAX = 500_000_000;

  private final Path log;
  private final long deadline = System.nanoTime() + WAIT_NANOS_MAX;
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(DemoSettings.SEGMENT_BYTES).order(ByteOrder.nativeOrder());

  private TailWatch(Path log) {
    this.log = log;
  }

  /** Returns when a large batch is there in part, or after a while without one. */
  static void awaitPart(Path log) throws IOException {
    TailWatch watch = new TailWatch(log);
    while (!watch.sawPart() && !watch.isLate()) {
      Thread.onSpinWait();
    }
  }

  private boolean isLate() {
    return System.nanoTime() - deadline > 0;
  }

  /** Follows one segment, as long as it may take another large batch. */
  private boolean sawPart() throws IOException {
    for (Path segment : newestFirst()) {
      try (FileChannel file = FileChannel.open(segment, StandardOpenOption.READ)) {
        int end = endBehind(file, 0);
        if (end > 0) {
          return sawPart(file, end);
        }
      } catch (NoSuchFileException e) {
        return false; // the writer has just retired it
      }
    }
    return false;
  }

  private boolean sawPart(FileChannel file, int from) throws IOException {
    int end = from;
    while (end + LARGE_BYTES < DemoSettings.SEGMENT_BYTES && !isLate()) {
      int newEnd = endBehind(file, end);
      int arrived = newEnd - end;
      if (arrived > SMALL_BYTES && arrived < LARGE_BYTES) {
        return true;
      }
      end = newEnd;
    }
    return false;
  }

  private List<Path> newestFirst() throws IOException {
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

  /** Where the zeros begin that the rest of the file is made of, at {@code from} or behind it. */
  private int endBehind(FileChannel file, int from) throws IOException {
    file.read(bytes.clear(), from);
    int end = bytes.flip().limit() / Long.BYTES * Long.BYTES;
    while (end > 0 && bytes.getLong(end - Long.BYTES) == 0) {
      end -= Long.BYTES;
    }
    return from + end;
  }
}
