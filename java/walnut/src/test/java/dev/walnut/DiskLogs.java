package dev.walnut;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.ReadOnlyStore;
import dev.walnut.internal.segment.SegmentStore;
import dev.walnut.internal.segment.StoreEnvironment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.LongSupplier;

/** Opens whole logs over a disk that the test supplies. */
final class DiskLogs {
  private DiskLogs() {}

  static Wal open(Disk disk, WalConfig config) throws IOException {
    return open(disk, config, () -> 0);
  }

  static Wal open(Disk disk, WalConfig config, LongSupplier wallClockMillis) throws IOException {
    Random random = new Random(wallClockMillis.getAsLong() + 3);
    StoreEnvironment environment =
        new StoreEnvironment(disk, "a test", random::nextLong, wallClockMillis);
    StoreOpener opener =
        new StoreOpener() {
          @Override
          public OpenedStore open(WalConfig config) throws IOException {
            SegmentStore store = SegmentStore.open(environment, SegmentStores.options(config));
            return new OpenedStore(store, store.recovery(), store.backend(), store.backendReason());
          }

          @Override
          public EntrySource openReadOnly(Path dir, String prefix) throws IOException {
            return ReadOnlyStore.open(environment, dir, prefix);
          }
        };
    return Wal.open(config, new Internals(opener, Threads.REAL));
  }
}
