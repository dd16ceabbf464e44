package dev.walnut;

/** Following a log's files over the Java body. */
class WalReaderTailOnJavaTest extends WalReaderTailContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
