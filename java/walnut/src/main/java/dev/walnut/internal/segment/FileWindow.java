package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A piece of a file in memory that moves along with what is read. Its size is fixed, whatever
 * lengths a file claims. For one thread at a time.
 */
final class FileWindow {
  private final ByteSource source;
  private final String name;
  private final Memory memory;
  private final int capacity;
  private final int stepBytes;
  private final long fileBytes;
  private long start;
  private int length;
  private long bytesRead;

  /**
   * The last {@link RecordView#SLACK} bytes of the memory stay unused.
   *
   * @param name the file's name; for messages
   * @param fileBytes where the file, or what of it may be looked at, ends
   * @param stepBytes how much is read at once, unless more is wanted
   */
  FileWindow(ByteSource source, String name, long fileBytes, Memory memory, int stepBytes) {
    this.source = source;
    this.name = name;
    this.memory = memory;
    this.capacity = memory.capacity() - RecordView.SLACK;
    this.stepBytes = stepBytes;
    this.fileBytes = fileBytes;
  }

  /** Where the file ends. */
  long fileBytes() {
    return fileBytes;
  }

  /** Bytes read from the file so far. */
  long bytesRead() {
    return bytesRead;
  }

  /** What {@link #at} points into. */
  ByteBuffer bytes() {
    return memory.bytes();
  }

  /**
   * The place in {@link #bytes} where file offset {@code offset} lies. Behind it are at least
   * {@code wanted} bytes, or all that the file has.
   *
   * @throws EOFException if the file turns out to end before {@link #fileBytes}
   */
  int at(long offset, int wanted) throws IOException {
    long end = Math.min(offset + wanted, fileBytes);
    if (offset < start || end > start + length) {
      move(offset, Math.max(wanted, stepBytes));
      requireUpTo(end);
    }
    return (int) (offset - start);
  }

  private void move(long offset, int wanted) throws IOException {
    int bytes = (int) Math.min(Math.min(wanted, capacity), fileBytes - offset);
    length = 0; // nothing is known if the read fails
    length = source.read(offset, memory, 0, bytes);
    start = offset;
    bytesRead += length;
  }

  private void requireUpTo(long end) throws IOException {
    if (end > start + length) {
      throw new EOFException(
          "read "
              + name
              + " at offset "
              + start
              + ": the file ends at "
              + (start + length)
              + ", before offset "
              + end);
    }
  }

  /** Adds {@code [from, to)} of the file to a checksum. */
  void update(SaltedCrc crc, long from, long to) throws IOException {
    long offset = from;
    while (offset < to) {
      int at = at(offset, (int) Math.min(to - offset, capacity));
      int bytes = (int) Math.min(to - offset, start + length - offset);
      crc.update(memory.bytes(), at, bytes);
      offset += bytes;
    }
  }

  /** Copies the file from {@code offset} on into {@code target}. */
  void copy(long offset, byte[] target) throws IOException {
    int done = 0;
    while (done < target.length) {
      int bytes = Math.min(target.length - done, capacity);
      int at = at(offset + done, bytes);
      memory.bytes().get(at, target, done, bytes);
      done += bytes;
    }
  }

  /** Where the zeros that end {@code [from, end of file)} begin: {@code from} if all are zero. */
  long endOfData(long from) throws IOException {
    long end = from;
    long offset = from;
    while (offset < fileBytes) {
      int at = at(offset, 1);
      int bytes = (int) (start + length - offset);
      int last = lastNonZero(at, bytes);
      if (last >= 0) {
        end = offset + last + 1;
      }
      offset += bytes;
    }
    return end;
  }

  private int lastNonZero(int at, int bytes) {
    ByteBuffer buffer = memory.bytes();
    int i = bytes;
    while (i >= 8 && buffer.getLong(at + i - 8) == 0) {
      i -= 8;
    }
    do {
      i--;
    } while (i >= 0 && buffer.get(at + i) == 0);
    return i;
  }
}
