package dev.walnut;

/** The MBean over the Java body. */
class WalMXBeanOnJavaTest extends WalMXBeanContract {
  @Override
  Backend backend() {
    return Backend.JAVA;
  }
}
