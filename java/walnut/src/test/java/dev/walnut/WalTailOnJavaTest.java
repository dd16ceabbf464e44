package dev.walnut;

/** Following a log over the Java body. */
class WalTailOnJavaTest extends WalTailContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
