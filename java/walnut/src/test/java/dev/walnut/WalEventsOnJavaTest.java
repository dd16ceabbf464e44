package dev.walnut;

/** Events over the Java body. */
class WalEventsOnJavaTest extends WalEventsContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
