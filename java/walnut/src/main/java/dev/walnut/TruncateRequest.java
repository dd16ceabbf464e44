package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import org.jspecify.annotations.Nullable;

/** Takes entries away, at one end or all of them, in a batch of its own that is durable. */
final class TruncateRequest extends Request {
  /** What it takes away. */
  enum Part {
    BEFORE {
      @Override
      long add(EntryStore store, long firstKept) {
        return store.addTruncateBefore(firstKept);
      }

      @Override
      String describe(long firstKept) {
        return "truncate before index " + firstKept;
      }
    },
    AFTER {
      @Override
      long add(EntryStore store, long lastKept) {
        store.addTruncateAfter(lastKept);
        return lastKept;
      }

      @Override
      String describe(long lastKept) {
        return "truncate after index " + lastKept;
      }
    },
    ALL {
      @Override
      long add(EntryStore store, long nextIndex) {
        store.addReset(nextIndex);
        return nextIndex;
      }

      @Override
      String describe(long nextIndex) {
        return "reset to index " + nextIndex;
      }
    };

    abstract long add(EntryStore store, long index);

    abstract String describe(long index);
  }

  private final Part part;
  private final long index;

  TruncateRequest(@Nullable Thread waiter, Part part, long index) {
    super(waiter, /* durable= */ true);
    this.part = part;
    this.index = index;
  }

  @Override
  long addTo(EntryStore store) {
    return part.add(store, index);
  }

  @Override
  boolean alone() {
    return true;
  }

  @Override
  long recordBytes() {
    return 2L * EntryRequest.RECORD_OVERHEAD_BYTES;
  }

  @Override
  long queueBytes() {
    return 0;
  }

  @Override
  String describe() {
    return part.describe(index);
  }
}
