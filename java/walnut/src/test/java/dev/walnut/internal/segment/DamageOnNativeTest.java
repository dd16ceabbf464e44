package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;

/** What damage to a small durable log does, over the native body. */
class DamageOnNativeTest extends DamageTest {
  @Override
  Disk disk() throws IOException {
    return NativeBody.required();
  }
}
