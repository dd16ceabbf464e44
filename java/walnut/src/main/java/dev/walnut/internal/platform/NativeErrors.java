package dev.walnut.internal.platform;

import dev.walnut.internal.platform.DiskErrors.Kind;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/** Turns the C layer's negative results into exceptions. */
final class NativeErrors {
  private static final int TEXT_BYTES_MAX = 256;

  private NativeErrors() {}

  /**
   * Returns the exception for a negative result.
   *
   * @param operation operation, object and numbers
   * @param result what the C function returned
   */
  static IOException of(String operation, long result) {
    return DiskErrors.of(kind(result), operation + ": " + words(result));
  }

  static Kind kind(long result) {
    assert result < 0 : "only a negative result is an error";
    return switch (NativeCalls.errorKind((int) -result)) {
      case NativeCalls.KIND_MISSING -> Kind.MISSING;
      case NativeCalls.KIND_EXISTS -> Kind.EXISTS;
      case NativeCalls.KIND_DENIED -> Kind.DENIED;
      case NativeCalls.KIND_FULL -> Kind.FULL;
      case NativeCalls.KIND_HELD -> Kind.HELD;
      default -> Kind.OTHER;
    };
  }

  /** The system's words and, where it is the system's, the number. */
  private static String words(long result) {
    int error = (int) -result;
    ByteBuffer target = ByteBuffer.allocateDirect(TEXT_BYTES_MAX);
    String text;
    try {
      int length = NativeCalls.errorText(error, NativeCalls.addressOf(target), TEXT_BYTES_MAX);
      text = NativeText.decode(target.limit(length));
    } finally {
      Reference.reachabilityFence(target);
    }
    return error < NativeText.OWN_ERRORS_FROM ? text + " (" + error + ")" : text;
  }
}
