package dev.walnut;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A disk for which the world ends at the Nth call of the contract: that call and all later ones
 * throw, and the files stay as they are. What closes a file or gives back a lock does so
 * nevertheless, and quietly, as the end of a process does. Nothing is really synced; {@link #files}
 * knows what would have been.
 */
final class StoppingDisk {
  /** At which moment of the call. */
  enum Moment {
    BEFORE,
    /** A write has written its first bytes; any other call was made. */
    HALFWAY,
    /** The call was made, but nobody learns of it. */
    AFTER
  }

  static final int NEVER = Integer.MAX_VALUE;

  /** What touches no file. */
  private static final Set<String> FREE =
      Set.of("name", "path", "allocate", "newPlan", "copiesOnWrite", "isIntact");

  private final FaultyDisk below;
  private final int stopAt;
  private final Moment moment;
  private final int firstBytes;
  private final SyncedFiles files;
  private int calls;
  private boolean stopped;
  private @Nullable String stoppedIn;

  /**
   * @param root below which the files are
   * @param stopAt the number of the call, from 1
   * @param firstBytes what a write writes that is stopped half way
   */
  StoppingDisk(Disk below, Path root, int stopAt, Moment moment, int firstBytes) {
    this.below = new FaultyDisk(below);
    this.stopAt = stopAt;
    this.moment = moment;
    this.firstBytes = firstBytes;
    this.files = new SyncedFiles(below, root);
  }

  Disk disk() {
    return proxy(Disk.class, below, null);
  }

  SyncedFiles files() {
    return files;
  }

  synchronized int calls() {
    return calls;
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  /** For messages. */
  @Override
  public synchronized String toString() {
    return moment + " call " + stopAt + ", " + stoppedIn;
  }

  private <T> T proxy(Class<T> type, T target, SyncedFiles.@Nullable Content content) {
    InvocationHandler handler =
        (self, method, arguments) -> call(target, content, method, arguments);
    return type.cast(
        Proxy.newProxyInstance(
            StoppingDisk.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private synchronized Object call(
      Object target, SyncedFiles.@Nullable Content content, Method method, Object[] arguments)
      throws Throwable {
    String name = method.getName();
    if (method.getDeclaringClass() == Object.class || FREE.contains(name)) {
      return invoke(target, method, arguments);
    }
    if (name.equals("close")) {
      invoke(target, method, arguments);
    }
    boolean here = ++calls == stopAt;
    if (here) {
      stoppedIn = name + " " + (target instanceof DiskFile file ? file.name() : "");
    }
    stopped |= here && moment == Moment.BEFORE;
    if (name.equals("close")) {
      stopped |= here;
      return null;
    }
    if (stopped) {
      throw ended();
    }
    if (here && moment == Moment.HALFWAY && name.equals("write")) {
      below.shorten(Call.WRITE, below.count(Call.WRITE) + 1, firstBytes, StoppingDisk::ended);
    }
    return made(target, content, method, arguments, here);
  }

  private Object made(
      Object target,
      SyncedFiles.@Nullable Content content,
      Method method,
      Object[] arguments,
      boolean here)
      throws Throwable {
    stopped |= here;
    Object result = make(target, method, arguments);
    if (!Boolean.FALSE.equals(result)) { // else it was not linked
      note(
          target,
          content,
          method.getName(),
          arguments,
          result instanceof Long written ? written : 0);
    }
    if (here) {
      if (result instanceof Closeable closeable) {
        closeable.close();
      }
      throw ended();
    }
    return wrapped(target, method.getName(), arguments, result);
  }

  /** Makes the call, but syncs nothing. */
  private static Object make(Object target, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("sync")) {
      return null;
    }
    Object[] passed = arguments == null ? null : arguments.clone();
    for (int i = 0; passed != null && i < passed.length; i++) {
      if (passed[i] instanceof Durability) {
        passed[i] = Durability.NONE;
      }
    }
    return invoke(target, method, passed);
  }

  private void note(
      Object target,
      SyncedFiles.@Nullable Content content,
      String name,
      Object[] arguments,
      long written)
      throws IOException {
    if (target instanceof Disk) {
      if (name.equals("openDirectory") || name.equals("createDirectory")) {
        files.saw((Path) arguments[0]);
      }
    } else if (target instanceof DiskDirectory directory) {
      Path dir = directory.path();
      switch (name) {
        case "create" -> files.created(dir, (String) arguments[0]);
        case "delete" -> files.deleted(dir, (String) arguments[0]);
        case "rename" ->
            files.renamed(
                dir,
                (String) arguments[0],
                ((DiskDirectory) arguments[1]).path(),
                (String) arguments[2]);
        case "link" ->
            files.linked(
                dir,
                (String) arguments[0],
                ((DiskDirectory) arguments[1]).path(),
                (String) arguments[2]);
        case "sync" -> files.syncedDirectory(dir);
        default -> {}
      }
    } else if (target instanceof DiskFile file && content != null) {
      if (name.equals("sync") || wrote(name, arguments, Durability.FILE)) {
        files.syncedFile(content, file);
      } else if (wrote(name, arguments, Durability.RANGE)) {
        files.syncedRange(content, file, (Long) arguments[0], written);
      }
    }
  }

  private static boolean wrote(String name, Object[] arguments, Durability durability) {
    return name.equals("write") && arguments[2] == durability;
  }

  private Object wrapped(Object target, String name, Object[] arguments, Object result)
      throws IOException {
    if (result instanceof DiskDirectory directory) {
      return proxy(DiskDirectory.class, directory, null);
    }
    if (result instanceof DiskFile file && target instanceof DiskDirectory directory) {
      return proxy(DiskFile.class, file, files.opened(directory.path(), (String) arguments[0]));
    }
    return result;
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static IOException ended() {
    return new IOException("the world has ended");
  }
}
