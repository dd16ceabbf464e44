package dev.walnut;

import dev.walnut.internal.segment.EntryStore;

/** Gives its owner the token behind everything that was queued before, for good. */
final class CloseRequest extends Request {
  CloseRequest(Thread owner) {
    super(owner, /* durable= */ true);
  }

  @Override
  boolean exclusive() {
    return true;
  }

  @Override
  long addTo(EntryStore store) {
    throw new AssertionError("closing is no part of a batch");
  }

  @Override
  int entries() {
    return 0;
  }

  @Override
  long recordBytes() {
    return 0;
  }

  @Override
  long queueBytes() {
    return -1;
  }

  @Override
  String describe() {
    return "close";
  }
}
