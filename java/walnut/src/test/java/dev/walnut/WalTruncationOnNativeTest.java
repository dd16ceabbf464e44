package dev.walnut;

final class WalTruncationOnNativeTest extends WalTruncationContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
