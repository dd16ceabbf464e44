package dev.walnut;

/** The log over the native body. */
class WalOnNativeTest extends WalContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
