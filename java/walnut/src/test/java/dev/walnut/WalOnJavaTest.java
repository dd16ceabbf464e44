package dev.walnut;

/** The log over the Java body. */
class WalOnJavaTest extends WalContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
