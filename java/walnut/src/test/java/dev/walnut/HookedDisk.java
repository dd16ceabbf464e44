package dev.walnut;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;

/** A disk that does something on the calling thread before each call that syncs. */
final class HookedDisk {
  /** What is done; may throw what the call may throw. */
  interface BeforeSync {
    void run() throws IOException;
  }

  private HookedDisk() {}

  static Disk over(Disk below, BeforeSync hook) {
    return proxy(Disk.class, below, hook);
  }

  private static <T> T proxy(Class<T> type, T below, BeforeSync hook) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          if (syncs(method, arguments)) {
            hook.run();
          }
          return hooked(call(below, method, arguments), hook);
        };
    return type.cast(
        Proxy.newProxyInstance(HookedDisk.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static boolean syncs(Method method, Object[] arguments) {
    if (method.getName().equals("sync")) {
      return true;
    }
    return method.getName().equals("write")
        && Arrays.stream(arguments).anyMatch(a -> a instanceof Durability && a != Durability.NONE);
  }

  private static Object call(Object below, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(below, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static Object hooked(Object result, BeforeSync hook) {
    if (result instanceof DiskDirectory directory) {
      return proxy(DiskDirectory.class, directory, hook);
    }
    return result instanceof DiskFile file ? proxy(DiskFile.class, file, hook) : result;
  }
}
