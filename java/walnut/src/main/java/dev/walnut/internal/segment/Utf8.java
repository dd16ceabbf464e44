package dev.walnut.internal.segment;

import java.nio.ByteBuffer;

/**
 * Keys as bytes. The library's encoder would allocate, and replace what is malformed in silence.
 */
public final class Utf8 {
  private Utf8() {}

  /**
   * The length of a text in UTF-8, in bytes.
   *
   * @return -1 if it is not well-formed UTF-16, that is, if it holds half of a surrogate pair
   */
  public static long length(String text) {
    int chars = text.length();
    long bytes = chars;
    for (int i = 0; i < chars; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        if (c < 0x800) {
          bytes++;
        } else if (!Character.isSurrogate(c)) {
          bytes += 2;
        } else if (Character.isHighSurrogate(c)
            && i + 1 < chars
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          bytes += 2; // two chars were counted for four bytes
          i++;
        } else {
          return -1;
        }
      }
    }
    return bytes;
  }

  /** Writes a well-formed text whose length is known; returns the place behind it. */
  static int encode(String text, int bytes, ByteBuffer target, int at) {
    int chars = text.length();
    if (bytes == chars) {
      for (int i = 0; i < chars; i++) {
        target.put(at + i, (byte) text.charAt(i));
      }
      return at + chars;
    }
    int p = at;
    for (int i = 0; i < chars; i++) {
      int c = text.charAt(i);
      if (Character.isHighSurrogate((char) c)) {
        c = Character.toCodePoint((char) c, text.charAt(++i));
      }
      p = codePoint(c, target, p);
    }
    return p;
  }

  private static int codePoint(int c, ByteBuffer target, int p) {
    if (c < 0x80) {
      target.put(p, (byte) c);
      return p + 1;
    }
    if (c < 0x800) {
      target.put(p, (byte) (0xc0 | (c >> 6)));
      return tail(c, 1, target, p + 1);
    }
    if (c < 0x10000) {
      target.put(p, (byte) (0xe0 | (c >> 12)));
      return tail(c, 2, target, p + 1);
    }
    target.put(p, (byte) (0xf0 | (c >> 18)));
    return tail(c, 3, target, p + 1);
  }

  private static int tail(int c, int count, ByteBuffer target, int p) {
    for (int i = count - 1; i >= 0; i--) {
      target.put(p++, (byte) (0x80 | ((c >> (6 * i)) & 0x3f)));
    }
    return p;
  }
}
