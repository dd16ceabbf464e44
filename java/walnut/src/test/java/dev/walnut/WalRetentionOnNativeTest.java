package dev.walnut;

/** Segments over the native body. */
class WalRetentionOnNativeTest extends WalRetentionContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
