package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import org.jspecify.annotations.Nullable;

/** Makes everything before it durable. */
final class SyncRequest extends Request {
  SyncRequest(@Nullable Thread waiter) {
    super(waiter, /* durable= */ true);
  }

  @Override
  boolean syncs() {
    return true;
  }

  @Override
  long resultAfterCommit(EntryStore store, long result) {
    return store.durableIndex();
  }

  @Override
  String describe() {
    return "sync";
  }
}
