package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Memory;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** What one read works with: memory, a checksum, a view of a record. */
final class Scratch {
  static final int BYTES = 64 * 1024;

  final Memory memory;
  final SaltedCrc crc = new SaltedCrc();
  final RecordView record = new RecordView();

  private Scratch(Memory memory) {
    this.memory = memory;
  }

  /** A few of them, so that a read allocates none; more are made, and dropped, under pressure. */
  static final class Pool {
    private static final int PLACES = 16;

    private final Disk disk;
    private final AtomicReferenceArray<@Nullable Scratch> places =
        new AtomicReferenceArray<>(PLACES);

    Pool(Disk disk) {
      this.disk = disk;
    }

    private static int place() {
      return (int) Thread.currentThread().getId() & PLACES - 1;
    }

    Scratch take() {
      Scratch found = places.getAndSet(place(), null);
      return found != null ? found : new Scratch(disk.allocate(BYTES));
    }

    void give(Scratch used) {
      places.set(place(), used);
    }
  }
}
