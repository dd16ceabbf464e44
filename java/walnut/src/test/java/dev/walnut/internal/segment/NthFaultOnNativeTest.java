package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;

/** The script in which a call fails, over the native body. */
class NthFaultOnNativeTest extends NthFaultTest {
  @Override
  Disk disk() throws IOException {
    return NativeBody.required();
  }
}
