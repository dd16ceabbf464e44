package dev.walnut;

/** Following a log over the native body. */
class WalTailOnNativeTest extends WalTailContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
