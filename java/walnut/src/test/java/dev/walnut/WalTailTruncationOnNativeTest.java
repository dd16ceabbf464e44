package dev.walnut;

/** Following a log with truncated ends over the Native body. */
class WalTailTruncationOnNativeTest extends WalTailTruncationContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
