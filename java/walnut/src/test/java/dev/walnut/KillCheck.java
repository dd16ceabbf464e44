package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.KillStates.State;
import dev.walnut.exception.TornLogException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.ReadOnlyStore;
import dev.walnut.internal.segment.SegmentStore;
import dev.walnut.internal.segment.StoreEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Opens what a crash left, with a good disk, and compares it with what may be there. */
final class KillCheck {
  private static final long LATER_MILLIS = 2_000_000;

  private final Disk disk;
  private final Path dir;
  private final boolean mayBeCorrupt;

  /**
   * @param script what was done to the log; only one that damages it may leave it corrupt
   */
  KillCheck(Disk disk, Path dir, KillScript script) {
    this.disk = disk;
    this.dir = dir;
    this.mayBeCorrupt = script == KillScript.SALVAGE;
  }

  /**
   * Opens the log, twice, reads all of it each time, and writes on.
   *
   * @param seed of the identities that the new lives of the log take
   * @return what it holds
   */
  State assertOneOf(List<State> allowed, long seed) throws IOException {
    salvageIfCorrupt(seed);
    State shown = shown(seed);
    if (seed % 4 == 0) {
      openStrictly(seed + 1);
    }
    State found = reopened(seed + 2);

    assertThat(allowed).contains(found);
    assertThat(shown.entries()).as("as shown read-only").isEqualTo(found.entries());
    assertThat(reopened(seed + 3)).as("opened once more").isEqualTo(found);
    assertGoesOn(found, seed + 4);
    return found;
  }

  /** What whoever finds the log after a crash does. */
  void recover(long seed) throws IOException {
    salvageIfCorrupt(seed);
    open(disk, dir, RecoveryMode.HEAL, seed + 1).close();
  }

  /** Opens it, reads it, and closes it. */
  State reopened(long seed) throws IOException {
    try (Wal wal = open(disk, dir, RecoveryMode.HEAL, seed)) {
      return State.of(wal);
    }
  }

  private void assertGoesOn(State found, long seed) throws IOException {
    WalEntry next = WalEntry.of(found.last() + 1, "next", new byte[] {1});
    try (Wal wal = open(disk, dir, RecoveryMode.HEAL, seed)) {
      assertThat(wal.append(next.key(), next.value())).isEqualTo(next.index());
      assertThat(wal.get(next.index())).contains(next);
      assertThat(wal.size()).isEqualTo(found.entries().size() + 1);
    }
  }

  /** A log that opens is left alone by salvage; one whose salvage was interrupted needs it. */
  private void salvageIfCorrupt(long seed) throws IOException {
    if (mayBeCorrupt && Files.isDirectory(dir)) {
      KillRun.salvage(environment(disk, seed), dir);
    }
  }

  /** Shown without a lock; where not even the directory was made, there is nothing to show. */
  private State shown(long seed) throws IOException {
    if (!Files.isDirectory(dir)) {
      return new KillStates().now();
    }
    try (WalReader reader = Wal.openReadOnly(dir, KillRun.PREFIX, internals(disk, seed))) {
      return State.of(reader);
    }
  }

  /** What was torn is refused, and anything else opened. */
  private void openStrictly(long seed) throws IOException {
    try {
      open(disk, dir, RecoveryMode.STRICT, seed).close();
    } catch (TornLogException e) {
      // nothing was touched; the openings to come heal it
    }
  }

  static Wal open(Disk disk, Path dir, RecoveryMode mode, long seed) throws IOException {
    WalConfig config =
        WalConfig.forDatabase(dir)
            .maxBatchBytes(16 * 1024)
            .segmentThreshold(3)
            .segmentBytes(16 * 1024)
            .recovery(mode)
            .build();
    return Wal.open(config, internals(disk, seed));
  }

  private static StoreEnvironment environment(Disk disk, long seed) {
    return new StoreEnvironment(disk, "a test", new Random(~seed)::nextLong, () -> LATER_MILLIS);
  }

  private static Internals internals(Disk disk, long seed) {
    StoreEnvironment environment = environment(disk, seed);
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
    return new Internals(opener, new SteppedThreads());
  }
}
