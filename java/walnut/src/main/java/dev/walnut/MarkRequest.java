package dev.walnut;

import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;

/** Writes the mark that vouches for the last sync, if no batch has done so meanwhile. */
final class MarkRequest extends Request {
  MarkRequest() {
    super(/* waiter= */ null, /* durable= */ false);
  }

  @Override
  long addTo(EntryStore store) throws IOException {
    if (store.pendingBytes() == 0 && store.markDue()) {
      store.mark();
    }
    return 0;
  }

  @Override
  String describe() {
    return "mark";
  }
}
