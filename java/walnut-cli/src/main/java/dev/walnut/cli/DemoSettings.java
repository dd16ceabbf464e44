package dev.walnut.cli;

import dev.walnut.Backend;
import dev.walnut.WalConfig;
import java.nio.file.Path;

/** The log that the demo writes; small segments, so that kills meet rotations. */
final class DemoSettings {
  static final int SEGMENT_BYTES = 256 * 1024;
  static final int BATCH_SIZE = 100;

  /** Enough for the writer to run compiled when the lines that count begin. */
  static final int WARM_UP_LINES = 20_000;

  private DemoSettings() {}

  static WalConfig of(Path dir, Backend backend) {
    return WalConfig.forDatabase(dir)
        .segmentBytes(SEGMENT_BYTES)
        .maxBatchSize(BATCH_SIZE)
        .backend(backend)
        .build();
  }
}
