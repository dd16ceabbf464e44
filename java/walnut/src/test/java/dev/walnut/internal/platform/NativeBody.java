package dev.walnut.internal.platform;

import java.io.IOException;
import org.junit.jupiter.api.Assumptions;

/** The native body for tests, which are skipped without it unless the build requires it. */
public final class NativeBody {
  private NativeBody() {}

  /**
   * Returns the native body; without it ends the test, as skipped or, with the system property
   * {@code native.required}, as failed.
   */
  public static Disk required() throws IOException {
    try {
      return Disks.nativeOrThrow();
    } catch (NativeUnavailableException e) {
      if (Boolean.getBoolean("native.required")) {
        throw e;
      }
      return Assumptions.abort("not run: " + e.getMessage());
    }
  }

  /** As {@link #required}, for a test that knows Linux's numbers. */
  static Disk requiredOnLinux() throws IOException {
    String system = System.getProperty("os.name", "");
    Assumptions.assumeTrue(system.equals("Linux"), "not run: the numbers are those of Linux");
    return required();
  }
}
