package dev.walnut.internal.platform;

import java.io.IOException;

/** The contract in C. */
class NativeDiskTest extends DiskContract {
  @Override
  Disk newDisk() throws IOException {
    return NativeBody.required();
  }
}
