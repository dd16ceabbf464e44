package dev.walnut;

/** Segments over the Java body. */
class WalRetentionOnJavaTest extends WalRetentionContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
