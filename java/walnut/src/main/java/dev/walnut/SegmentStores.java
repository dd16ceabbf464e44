package dev.walnut;

import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.ReadOnlyStore;
import dev.walnut.internal.segment.RetentionLimits;
import dev.walnut.internal.segment.SegmentStore;
import dev.walnut.internal.segment.StoreEnvironment;
import dev.walnut.internal.segment.StoreEnvironments;
import dev.walnut.internal.segment.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the segments on disk. */
final class SegmentStores implements StoreOpener {
  static final Internals INTERNALS = new Internals(new SegmentStores(), Threads.REAL);

  private SegmentStores() {}

  @Override
  public OpenedStore open(WalConfig config) throws IOException {
    SegmentStore store = SegmentStore.open(environment(config.backend()), options(config));
    return new OpenedStore(store, store.recovery(), store.backend(), store.backendReason());
  }

  @Override
  public EntrySource openReadOnly(Path dir, String prefix) throws IOException {
    return ReadOnlyStore.open(environment(Backend.AUTO), dir, prefix);
  }

  static StoreEnvironment environment(Backend backend) throws IOException {
    return switch (backend) {
      case AUTO -> StoreEnvironments.automatic();
      case NATIVE -> StoreEnvironments.nativeOnly();
      case JAVA -> StoreEnvironments.javaOnly();
    };
  }

  static StoreOptions options(WalConfig config) {
    return new StoreOptions(
        config.dir(),
        config.prefix(),
        config.segmentThreshold(),
        config.segmentBytes(),
        retention(config),
        config.indexOrder() == IndexOrder.SEQUENTIAL,
        config.acknowledgesDurable(),
        config.maxBatchBytes(),
        config.maxOpenSegments(),
        config.openCheck() == OpenCheck.FULL,
        config.recovery() == RecoveryMode.STRICT);
  }

  /** Ages are compared in milliseconds; part of one counts as one. */
  private static RetentionLimits retention(WalConfig config) {
    long ageMillis = config.retainFor().plusNanos(999_999).toMillis();
    return new RetentionLimits(config.maxSegments(), config.retainBytes(), ageMillis);
  }
}
