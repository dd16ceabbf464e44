package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Memory;
import java.io.IOException;

/** What bytes are read from: a file, or a segment that opens its file when needed. */
@FunctionalInterface
interface ByteSource {

  /**
   * Reads into {@code target[from, from + length)} until it is full or the file ends.
   *
   * @return the bytes read
   */
  int read(long offset, Memory target, int from, int length) throws IOException;
}
