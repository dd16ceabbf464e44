package dev.walnut;

/** Interrupts and a racing close over the Java body. */
class WalStressOnJavaTest extends WalStressContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
