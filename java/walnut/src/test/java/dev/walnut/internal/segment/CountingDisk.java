package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Counts the calls that are made on a disk, its directories and files, and the bytes read. */
final class CountingDisk {
  private final Disk disk;
  private long calls;
  private long bytesRead;

  CountingDisk(Disk below) {
    disk = counting(Disk.class, below);
  }

  /** The disk to use. */
  Disk disk() {
    return disk;
  }

  long calls() {
    return calls;
  }

  long bytesRead() {
    return bytesRead;
  }

  private <T> T counting(Class<T> type, T below) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> call(below, method, arguments)));
  }

  private Object call(Object below, Method method, Object[] arguments) throws Throwable {
    calls++;
    Object result;
    try {
      result = method.invoke(below, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (result instanceof Integer bytes && method.getName().equals("read")) {
      bytesRead += bytes;
    }
    if (result instanceof DiskDirectory directory) {
      return counting(DiskDirectory.class, directory);
    }
    return result instanceof DiskFile file ? counting(DiskFile.class, file) : result;
  }
}
