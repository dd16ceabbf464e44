package dev.walnut;

import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.EntryStore;
import dev.walnut.internal.segment.RecoverySummary;
import java.io.IOException;
import java.nio.file.Path;

/** Opens what a log is written to. */
interface StoreOpener {

  /** Opens a store for writing: creates it or recovers it, and takes its lock. */
  OpenedStore open(WalConfig config) throws IOException;

  /** Opens a store for reading; takes no lock and writes nothing. */
  EntrySource openReadOnly(Path dir, String prefix) throws IOException;

  /** A store, and what opening it found. */
  record OpenedStore(
      EntryStore store, RecoverySummary recovery, String backend, String backendReason) {}
}
