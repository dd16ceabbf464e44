package dev.walnut;

final class WalBackupOnNativeTest extends WalBackupContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
