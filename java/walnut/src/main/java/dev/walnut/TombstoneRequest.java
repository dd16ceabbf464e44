package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import org.jspecify.annotations.Nullable;

/** Takes an entry's value away. */
final class TombstoneRequest extends Request {
  private final long index;

  TombstoneRequest(@Nullable Thread waiter, boolean durable, long index) {
    super(waiter, durable);
    this.index = index;
  }

  @Override
  long addTo(EntryStore store) {
    store.addTombstone(index);
    return index;
  }

  @Override
  int entries() {
    return 1;
  }

  @Override
  long recordBytes() {
    return EntryRequest.RECORD_OVERHEAD_BYTES;
  }

  @Override
  long queueBytes() {
    return 0;
  }

  @Override
  String describe() {
    return "tombstone index " + index;
  }
}
