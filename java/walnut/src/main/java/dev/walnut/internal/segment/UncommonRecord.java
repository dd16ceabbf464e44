package dev.walnut.internal.segment;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * A record's body of a shape that this version does not write, looked at with the MessagePack
 * library. It tells a newer writer's record from damage.
 *
 * @param elements how many elements the array has
 */
record UncommonRecord(int elements) {

  /**
   * Looks at {@code [from, to)} of a file, which stands behind a record's type; null if it is not
   * one array. The body goes by piece by piece, however long it is: nothing is allocated by a
   * length in it.
   */
  static @Nullable UncommonRecord look(FileWindow window, long from, long to) throws IOException {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(new Body(window, from, to))) {
      int elements = unpacker.unpackArrayHeader();
      unpacker.skipValue(elements);
      return unpacker.getTotalReadBytes() == to - from ? new UncommonRecord(elements) : null;
    } catch (MessagePackException e) {
      return null; // not MessagePack: the caller reports where
    }
  }

  /** Says what it holds, for a message. */
  String describe() {
    return "an array of " + elements + " elements";
  }

  /** A piece of a file as the library reads it. */
  private static final class Body extends InputStream {
    private final FileWindow window;
    private final long end;
    private long offset;

    Body(FileWindow window, long from, long end) {
      this.window = window;
      this.offset = from;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      return offset < end ? window.bytes().get(window.at(offset++, 1)) & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      if (offset >= end) {
        return -1;
      }
      int bytes = (int) Math.min(Math.min(length, RecordView.SLACK), end - offset);
      window.bytes().get(window.at(offset, bytes), target, from, bytes);
      offset += bytes;
      return bytes;
    }
  }
}
