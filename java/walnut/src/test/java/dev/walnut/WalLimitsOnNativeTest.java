package dev.walnut;

/** Limits over the native body. */
class WalLimitsOnNativeTest extends WalLimitsContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
