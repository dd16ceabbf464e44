package dev.walnut.internal.platform;

import java.util.Locale;

/** Which system this is, where the Java body must know. */
final class Systems {
  static final boolean IS_WINDOWS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

  private Systems() {}
}
