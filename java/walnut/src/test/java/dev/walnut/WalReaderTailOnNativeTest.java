package dev.walnut;

/** Following a log's files over the native body. */
class WalReaderTailOnNativeTest extends WalReaderTailContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
