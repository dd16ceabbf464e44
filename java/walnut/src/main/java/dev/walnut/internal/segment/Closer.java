package dev.walnut.internal.segment;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Closes one thing after the other, whatever fails, and tells the first failure at the end. The
 * lock is among them: if it were left, nobody in this process could open the log again.
 */
final class Closer {
  private @Nullable Throwable failure;

  void close(Closeable thing) {
    try {
      thing.close();
    } catch (Throwable t) {
      if (failure == null) {
        failure = t;
      } else if (failure != t) {
        failure.addSuppressed(t);
      }
    }
  }

  void rethrow() throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }
}
