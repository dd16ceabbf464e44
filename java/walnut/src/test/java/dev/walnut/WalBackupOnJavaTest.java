package dev.walnut;

final class WalBackupOnJavaTest extends WalBackupContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
