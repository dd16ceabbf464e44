package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;

/** The two bodies of the machine, for tests that run on each. */
enum Body {
  JAVA {
    @Override
    Disk disk() {
      return Disks.java();
    }
  },
  NATIVE {
    @Override
    Disk disk() throws IOException {
      return NativeBody.required();
    }
  };

  /** The body's disk; without the native one the test ends, as {@link NativeBody} says. */
  abstract Disk disk() throws IOException;

  /** Exhaustive tests try every place on one body, and every few on the other. */
  int step() {
    return this == JAVA ? 1 : 7;
  }
}
