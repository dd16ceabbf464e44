package dev.walnut;

/** The directory of an open log over the Java body. */
class WalDirectoryOnJavaTest extends WalDirectoryContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
