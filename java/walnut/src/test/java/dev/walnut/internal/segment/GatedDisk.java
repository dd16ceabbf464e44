package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;

/** A disk on which every call to a directory or file passes a gate before it is made. */
final class GatedDisk {
  private GatedDisk() {}

  /** Sees a call before it is made. */
  interface Gate {
    /** Whether the call is to be made; one that is not returns nothing. May change arguments. */
    boolean passes(Method call, Object[] arguments) throws IOException;
  }

  static Disk of(Disk below, Gate gate) {
    return gated(Disk.class, below, gate);
  }

  /**
   * Nothing is synced, and the large memory that opening takes is lent again: for tests that open a
   * log thousands of times, one at a time, and cut no power.
   */
  static Disk withoutSyncs(Disk below) {
    return of(
        new Lending(below),
        (call, arguments) -> {
          for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof Durability) {
              arguments[i] = Durability.NONE;
            }
          }
          return !call.getName().equals("sync");
        });
  }

  private static <T> T gated(Class<T> type, T below, Gate gate) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, call, arguments) -> {
              Object[] passed = arguments == null ? new Object[0] : arguments;
              if (call.getDeclaringClass() != Object.class && !gate.passes(call, passed)) {
                return null;
              }
              return wrapped(invoke(below, call, passed), gate);
            });
    return type.cast(proxy);
  }

  private static Object invoke(Object below, Method call, Object[] arguments) throws Throwable {
    try {
      return call.invoke(below, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static Object wrapped(Object result, Gate gate) {
    if (result instanceof DiskDirectory directory) {
      return gated(DiskDirectory.class, directory, gate);
    }
    return result instanceof DiskFile file ? gated(DiskFile.class, file, gate) : result;
  }

  /** A disk that makes the largest memory once. */
  private static final class Lending implements Disk {
    private static final int LARGE_BYTES = 1 << 20;

    private final Disk below;
    private final Memory large;

    Lending(Disk below) {
      this.below = below;
      this.large = below.allocate(LARGE_BYTES);
    }

    @Override
    public Memory allocate(int bytes) {
      return bytes == LARGE_BYTES ? large : below.allocate(bytes);
    }

    @Override
    public String name() {
      return below.name();
    }

    @Override
    public WritePlan newPlan() {
      return below.newPlan();
    }

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
      return below.openDirectory(path);
    }

    @Override
    public DiskDirectory createDirectory(Path path) throws IOException {
      return below.createDirectory(path);
    }

    @Override
    public void deleteDirectory(Path path) throws IOException {
      below.deleteDirectory(path);
    }
  }
}
