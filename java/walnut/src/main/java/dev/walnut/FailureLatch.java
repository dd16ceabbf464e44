package dev.walnut;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Keeps the first failure; from then on the log takes no more writes. */
final class FailureLatch {
  private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

  /** Notes a failure; only the first counts. Allocates nothing. */
  void fail(Throwable cause) {
    first.compareAndSet(null, cause);
  }

  /** The first failure, or null. */
  @Nullable Throwable cause() {
    return first.get();
  }
}
