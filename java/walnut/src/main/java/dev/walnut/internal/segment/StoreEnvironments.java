package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.security.SecureRandom;

/** The environments a log is opened in outside tests. */
public final class StoreEnvironments {
  private static final SecureRandom RANDOM = new SecureRandom();

  private StoreEnvironments() {}

  /** Native where it loads, unless a system property decides. */
  public static StoreEnvironment automatic() throws IOException {
    Disks.Choice choice = Disks.automatic();
    return environment(choice.disk(), choice.reason());
  }

  /**
   * Native.
   *
   * @throws IOException if it does not load here, with the reason
   */
  public static StoreEnvironment nativeOnly() throws IOException {
    return environment(Disks.nativeOrThrow(), "asked for by configuration");
  }

  /** Java. */
  public static StoreEnvironment javaOnly() {
    return environment(Disks.java(), "asked for by configuration");
  }

  private static StoreEnvironment environment(Disk disk, String reason) {
    return new StoreEnvironment(disk, reason, RANDOM::nextLong, System::currentTimeMillis);
  }
}
