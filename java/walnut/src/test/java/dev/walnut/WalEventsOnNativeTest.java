package dev.walnut;

/** Events over the native body. */
class WalEventsOnNativeTest extends WalEventsContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
