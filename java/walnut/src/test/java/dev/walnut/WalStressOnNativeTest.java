package dev.walnut;

/** Interrupts and a racing close over the native body. */
class WalStressOnNativeTest extends WalStressContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
