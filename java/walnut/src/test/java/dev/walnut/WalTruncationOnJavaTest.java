package dev.walnut;

final class WalTruncationOnJavaTest extends WalTruncationContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
