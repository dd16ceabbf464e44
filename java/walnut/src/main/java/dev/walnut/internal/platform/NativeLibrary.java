package dev.walnut.internal.platform;

import java.io.IOException;
import java.nio.file.Path;

/** Loads the C layer, once, and remembers what came of it. */
final class NativeLibrary {
  /** What {@code WALNUT_ABI} in walnut.h must be. */
  static final int ABI = 1;

  private static final String PATH_PROPERTY = "walnut.native.path";

  /**
   * What came of loading.
   *
   * @param loaded whether {@link NativeCalls} may be used
   * @param reason where it was loaded from, or why it was not
   */
  record Outcome(boolean loaded, String reason) {}

  private NativeLibrary() {}

  /** Loads at the first call; every call returns the same. */
  static Outcome outcome() {
    return Once.OUTCOME;
  }

  private static final class Once {
    static final Outcome OUTCOME = load();
  }

  /*
   * A missing or older JNA, native access denied by the JDK, a directory mounted noexec and a
   * failed unpacking all end in a LinkageError, the rest in an unchecked exception. None of them
   * is a reason for a log not to open, so all of them become words.
   */
  private static Outcome load() {
    try {
      return new Outcome(true, "native library " + loadFile() + ", ABI " + ABI);
    } catch (LinkageError | IOException | RuntimeException e) {
      return new Outcome(false, "native library not loaded: " + words(e));
    }
  }

  private static String loadFile() throws IOException {
    String path = System.getProperty(PATH_PROPERTY);
    if (path == null) {
      return NativeCalls.loadPackaged();
    }
    String absolute = Path.of(path).toAbsolutePath().toString();
    NativeCalls.load(absolute);
    return absolute;
  }

  /** The innermost cause says most: the outer ones are wrappings of class initialisation. */
  private static String words(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return innermost.toString();
  }
}
