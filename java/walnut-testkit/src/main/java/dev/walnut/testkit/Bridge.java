package dev.walnut.testkit;

import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalReader;
import dev.walnut.internal.segment.StoreEnvironment;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The way into the library that is not part of its API: a package-private class there, reached by a
 * private lookup. A public one would be there for all.
 */
final class Bridge {
  private static final String CLASS = "dev.walnut.TestkitBridge";
  private static final MethodHandle OPEN =
      method("open", Wal.class, WalConfig.class, StoreEnvironment.class);
  private static final MethodHandle OPEN_STEPPED =
      method(
          "openStepped",
          Wal.class,
          WalConfig.class,
          StoreEnvironment.class,
          LongSupplier.class,
          Runnable.class,
          Consumer.class);
  private static final MethodHandle OPEN_READ_ONLY =
      method("openReadOnly", WalReader.class, Path.class, String.class, StoreEnvironment.class);

  private Bridge() {}

  private static MethodHandle method(String name, Class<?> result, Class<?>... parameters) {
    try {
      Class<?> bridge = Class.forName(CLASS);
      return MethodHandles.privateLookupIn(bridge, MethodHandles.lookup())
          .findStatic(bridge, name, MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "the testkit needs the walnut of its own version: no " + CLASS + "." + name, e);
    }
  }

  static Wal open(WalConfig config, StoreEnvironment environment) throws IOException {
    try {
      return (Wal) OPEN.invokeExact(config, environment);
    } catch (Throwable t) {
      throw thrown(t);
    }
  }

  static Wal openStepped(
      WalConfig config,
      StoreEnvironment environment,
      LongSupplier nanoTime,
      Runnable giveWay,
      Consumer<BooleanSupplier> steppers)
      throws IOException {
    try {
      return (Wal) OPEN_STEPPED.invokeExact(config, environment, nanoTime, giveWay, steppers);
    } catch (Throwable t) {
      throw thrown(t);
    }
  }

  static WalReader openReadOnly(Path dir, String prefix, StoreEnvironment environment)
      throws IOException {
    try {
      return (WalReader) OPEN_READ_ONLY.invokeExact(dir, prefix, environment);
    } catch (Throwable t) {
      throw thrown(t);
    }
  }

  private static IOException thrown(Throwable t) throws IOException {
    if (t instanceof IOException e) {
      throw e;
    }
    if (t instanceof RuntimeException e) {
      throw e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    throw new AssertionError("only these are thrown", t);
  }
}
