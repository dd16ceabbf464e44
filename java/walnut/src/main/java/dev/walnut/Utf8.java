package dev.walnut;

/** Lengths of keys as they lie on disk. */
final class Utf8 {
  private Utf8() {}

  /**
   * Returns the bytes a key takes in UTF-8.
   *
   * @throws IllegalArgumentException if the key is not well-formed UTF-16: an encoder would replace
   *     the stray surrogate, and the key read back would be another one
   */
  static long encodedBytes(String key) {
    int length = key.length();
    long bytes = length;
    for (int i = 0; i < length; i++) {
      char c = key.charAt(i);
      if (c < 0x80) {
        continue;
      }
      if (Character.isSurrogate(c)) {
        requirePair(key, i);
        i++;
        bytes += 2; // four bytes for two chars
      } else {
        bytes += c < 0x800 ? 1 : 2;
      }
    }
    return bytes;
  }

  private static void requirePair(String key, int i) {
    boolean pair =
        Character.isHighSurrogate(key.charAt(i))
            && i + 1 < key.length()
            && Character.isLowSurrogate(key.charAt(i + 1));
    if (!pair) {
      throw new IllegalArgumentException(
          "key: not well-formed UTF-16: unpaired surrogate at char " + i);
    }
  }
}
