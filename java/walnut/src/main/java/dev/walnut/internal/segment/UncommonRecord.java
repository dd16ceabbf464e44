package dev.walnut.internal.segment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;

/**
 * A record's body of a shape that this version does not write, read with the MessagePack library.
 * It tells a newer writer's record from damage, and serves tools that show what lies in a file.
 *
 * @param elements what the array holds
 */
record UncommonRecord(List<Value> elements) {

  /** Decodes {@code body}, which stands behind a record's type; null if it is not one array. */
  static @Nullable UncommonRecord decode(byte[] body) {
    try {
      // The library allocates what a length says before it looks whether the bytes are there, so
      // every length is proven first, by skipping.
      return isOneArray(body) ? new UncommonRecord(elements(body)) : null;
    } catch (MessagePackException | IOException e) {
      return null; // not MessagePack: the caller reports where
    }
  }

  private static boolean isOneArray(byte[] body) throws IOException {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(body)) {
      unpacker.skipValue(unpacker.unpackArrayHeader());
      return unpacker.getTotalReadBytes() == body.length;
    }
  }

  private static List<Value> elements(byte[] body) throws IOException {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(body)) {
      int count = unpacker.unpackArrayHeader();
      List<Value> elements = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        elements.add(unpacker.unpackValue());
      }
      return List.copyOf(elements);
    }
  }

  /** Says what it holds, for a message. */
  String describe() {
    return "an array of " + elements.size() + " elements";
  }
}
