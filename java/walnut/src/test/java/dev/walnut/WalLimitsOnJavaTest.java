package dev.walnut;

/** Limits over the Java body. */
class WalLimitsOnJavaTest extends WalLimitsContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
