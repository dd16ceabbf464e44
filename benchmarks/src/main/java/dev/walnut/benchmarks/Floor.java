package dev.walnut.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The least that a log of one's own would be: records behind one another in a file, no index, no
 * checksum, no recovery. What this machine gives, and nobody can beat with one call a record.
 */
final class Floor implements Closeable {
  private static final int FILE_BYTES = 64 << 20;

  /** Larger pieces leave large folios in the page cache, and small writes to those are slow. */
  private static final int ZERO_PIECE_BYTES = 64 * 1024;

  private final Path dir;
  private final boolean durable;
  private final ByteBuffer record;
  private FileChannel channel;
  private Path file;
  private long position;
  private int files;

  /**
   * @param recordBytes what each append writes
   * @param durable whether each is synced, in a file of zeros; else the file grows
   */
  Floor(Path dir, int recordBytes, boolean durable) throws IOException {
    this.dir = dir;
    this.durable = durable;
    record = ByteBuffer.allocateDirect(recordBytes);
    file = dir.resolve("floor-0");
    channel = open();
  }

  private FileChannel open() throws IOException {
    FileChannel opened =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    if (durable) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(ZERO_PIECE_BYTES);
      for (long at = 0; at < FILE_BYTES; at += ZERO_PIECE_BYTES) {
        opened.write(zeros.clear(), at);
      }
      opened.force(true);
    }
    position = 0;
    return opened;
  }

  /** Appends one record; returns when it is written and, if this is durable, synced. */
  synchronized void append(byte[] key, byte[] value) throws IOException {
    if (position + record.capacity() > FILE_BYTES) {
      next();
    }
    record.clear();
    record.putLong(position).put(key).put(value).position(record.capacity()).flip();
    position += channel.write(record, position);
    if (durable) {
      channel.force(false);
    }
  }

  private void next() throws IOException {
    channel.close();
    Files.delete(file);
    file = dir.resolve("floor-" + ++files);
    channel = open();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.delete(file);
  }
}
