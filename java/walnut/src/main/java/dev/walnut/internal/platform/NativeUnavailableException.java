package dev.walnut.internal.platform;

import java.io.IOException;

/** The native body was asked for by name and cannot be had; nothing was opened. */
public final class NativeUnavailableException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param reason why not
   */
  public NativeUnavailableException(String reason) {
    super("native back end: " + reason);
  }
}
