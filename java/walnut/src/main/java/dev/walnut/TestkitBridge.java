package dev.walnut;

import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.ReadOnlyStore;
import dev.walnut.internal.segment.SegmentStore;
import dev.walnut.internal.segment.StoreEnvironment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Opens logs for the module {@code walnut-testkit}: on a disk of its own and, if it likes, with the
 * clock and the background work in its hands. It comes in through a private lookup, so that nothing
 * of this is part of the API.
 */
final class TestkitBridge {
  private TestkitBridge() {}

  /** Opens a log with threads and a clock as always. */
  static Wal open(WalConfig config, StoreEnvironment environment) throws IOException {
    return Wal.open(config, internals(environment, Threads.REAL));
  }

  /**
   * Opens a log whose background work is done on the calling thread, when it is asked for.
   *
   * @param nanoTime the clock
   * @param giveWay called where a thread would let others run; moves the clock
   * @param steppers gets each background worker's step, which tells whether there was work
   */
  static Wal openStepped(
      WalConfig config,
      StoreEnvironment environment,
      LongSupplier nanoTime,
      Runnable giveWay,
      Consumer<BooleanSupplier> steppers)
      throws IOException {
    return Wal.open(config, internals(environment, new Stepped(nanoTime, giveWay, steppers)));
  }

  /** Opens a log for reading. */
  static WalReader openReadOnly(Path dir, String prefix, StoreEnvironment environment)
      throws IOException {
    return Wal.openReadOnly(dir, prefix, internals(environment, Threads.REAL));
  }

  private static Internals internals(StoreEnvironment environment, Threads threads) {
    return new Internals(new Stores(environment), threads);
  }

  private record Stores(StoreEnvironment environment) implements StoreOpener {
    @Override
    public OpenedStore open(WalConfig config) throws IOException {
      SegmentStore store = SegmentStore.open(environment, SegmentStores.options(config));
      return new OpenedStore(store, store.recovery(), store.backend(), store.backendReason());
    }

    @Override
    public EntrySource openReadOnly(Path dir, String prefix) throws IOException {
      return ReadOnlyStore.open(environment, dir, prefix);
    }
  }

  private record Stepped(LongSupplier clock, Runnable onGiveWay, Consumer<BooleanSupplier> steppers)
      implements Threads {
    @Override
    public long nanoTime() {
      return clock.getAsLong();
    }

    @Override
    public void start(Worker worker) {
      steppers.accept(worker::step);
    }

    @Override
    public void giveWay() {
      onGiveWay.run();
    }

    @Override
    public void awaitProgress(Worker worker) {
      boolean unused = worker.step();
    }
  }
}
