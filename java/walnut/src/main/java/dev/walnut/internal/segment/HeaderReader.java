package dev.walnut.internal.segment;

import dev.walnut.exception.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a segment's header block. */
final class HeaderReader {
  private HeaderReader() {}

  /**
   * The header, or null if the file is too short or the block is not an authentic one.
   *
   * @throws UnsupportedFormatException if it is authentic and of another version
   */
  static @Nullable SegmentHeader read(FileWindow window, Path path) throws IOException {
    if (window.fileBytes() < Format.HEADER_BYTES) {
      return null;
    }
    byte[] block = new byte[Format.HEADER_BYTES];
    window.copy(0, block);
    ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    SegmentHeader header = SegmentHeader.decode(bytes, new SaltedCrc(), path);
    return header != null && header.isPlausible() ? header : null;
  }
}
