package dev.walnut.internal.platform;

import java.io.Closeable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** Knows which directories, files and locks of a disk are open. */
public final class OpenHandles {
  private final Disk disk;
  private final List<String> open = new ArrayList<>();

  public OpenHandles(Disk below) {
    this.disk = watched(Disk.class, below, null);
  }

  /** The disk to use. */
  public Disk disk() {
    return disk;
  }

  /** What is open, each by the call that opened it. */
  public synchronized List<String> open() {
    return List.copyOf(open);
  }

  private <T> T watched(Class<T> type, T below, Object token) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call(below, token, method, arguments)));
  }

  private Object call(Object below, Object token, Method method, Object[] arguments)
      throws Throwable {
    if (method.getName().equals("close") && token != null) {
      closed((String) token);
    }
    Object result;
    try {
      result = method.invoke(below, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (!(result instanceof Closeable)) {
      return result;
    }
    String opened = opened(method.getName() + " " + arguments[0]);
    if (result instanceof DiskDirectory directory) {
      return watched(DiskDirectory.class, directory, opened);
    }
    return result instanceof DiskFile file
        ? watched(DiskFile.class, file, opened)
        : watched(DiskLock.class, (DiskLock) result, opened);
  }

  /** A string of its own: it is looked for by identity. */
  private synchronized String opened(String call) {
    String own = new StringBuilder(call).toString();
    open.add(own);
    return own;
  }

  @SuppressWarnings("ReferenceEquality")
  private synchronized void closed(String token) {
    open.removeIf(other -> other == token);
  }
}
