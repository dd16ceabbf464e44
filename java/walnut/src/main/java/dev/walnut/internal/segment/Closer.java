package dev.walnut.internal.segment;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closes one thing after the other, whatever fails, and tells the first failure at the end. */
final class Closer {
  private @Nullable IOException failure;

  void close(Closeable thing) {
    try {
      thing.close();
    } catch (IOException e) {
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
  }

  void rethrow() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }
}
