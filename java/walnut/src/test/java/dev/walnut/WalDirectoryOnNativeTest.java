package dev.walnut;

/** The directory of an open log over the native body. */
class WalDirectoryOnNativeTest extends WalDirectoryContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
