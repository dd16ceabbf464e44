package dev.walnut.internal.platform;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;

/**
 * Text as the C layer takes it: in the encoding the JDK itself uses for file names, NUL at its end.
 */
final class NativeText {
  /** Error codes from here on are {@code walnut.h}'s, not the system's. */
  static final int OWN_ERRORS_FROM = 4096;

  private static final Charset ENCODING =
      Charset.forName(System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name()));

  private NativeText() {}

  /**
   * Returns the text as bytes in direct memory.
   *
   * @throws FileSystemException if the encoding has no bytes for it; another file might be meant
   */
  static ByteBuffer encode(String text) throws FileSystemException {
    try {
      ByteBuffer encoded = ENCODING.newEncoder().encode(CharBuffer.wrap(text));
      return ByteBuffer.allocateDirect(encoded.remaining() + 1).put(encoded);
    } catch (CharacterCodingException e) {
      FileSystemException refusal =
          new FileSystemException(
              null, null, "encode file name " + text + ": not possible in " + ENCODING);
      refusal.initCause(e);
      throw refusal;
    }
  }

  /** Returns the bytes from the first to the limit as text. */
  static String decode(ByteBuffer bytes) {
    return ENCODING.decode(bytes.rewind()).toString();
  }
}
