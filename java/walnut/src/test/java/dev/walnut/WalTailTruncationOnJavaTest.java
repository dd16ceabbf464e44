package dev.walnut;

/** Following a log with truncated ends over the Java body. */
class WalTailTruncationOnJavaTest extends WalTailTruncationContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
