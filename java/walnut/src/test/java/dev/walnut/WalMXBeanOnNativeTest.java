package dev.walnut;

/** The MBean over the native body. */
class WalMXBeanOnNativeTest extends WalMXBeanContract {
  @Override
  Backend backend() {
    return Backend.NATIVE;
  }
}
