package dev.walnut;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/** The log over the native body. Skipped where it is not built, unless it is required. */
class WalOnNativeTest extends WalContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }

  @BeforeEach
  void requireNative() {
    if (Boolean.getBoolean("native.required")) {
      return;
    }
    try {
      SegmentStores.environment(Backend.NATIVE);
    } catch (java.io.IOException e) {
      Assumptions.abort("native is not to be had: " + e.getMessage());
    }
  }
}
