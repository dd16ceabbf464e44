package dev.walnut;

import dev.walnut.internal.segment.EntrySource;
import java.io.IOException;

/** A log opened for reading: no lock, no write, no thread. */
final class ReadOnlyWal extends Reads {
  private final EntrySource store;
  private final ReaderGate gate;
  private boolean closed;

  ReadOnlyWal(EntrySource store, ReaderGate gate, Threads threads) {
    super(store, gate, new Polling(gate, threads));
    this.store = store;
    this.gate = gate;
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      gate.close();
      store.close();
    }
  }
}
