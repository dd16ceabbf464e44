package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.Backend;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.exception.LogLockedException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One holder, whichever bodies, processes and class loaders meet. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LockAcrossProcessesTest {
  private static final String GRANTED = "--enable-native-access=ALL-UNNAMED";

  @TempDir Path path;

  @ParameterizedTest
  @CsvSource({"native, native", "native, java", "java, native", "java, java"})
  void lock_heldByAnotherProcess_isRefusedNamingIt(String holder, String opener) throws Exception {
    Disk disk = disk(opener);
    disk(holder);
    Process child =
        new ChildJvm().option(GRANTED).start(ChildMain.class, "hold", holder, path.toString());
    try (DiskDirectory directory = disk.openDirectory(path);
        BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("held true");

      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> directory.lock("lock"))
            .isInstanceOf(LockHeldException.class)
            .hasMessageEndingWith("held by process " + child.pid());
      }

      child.getOutputStream().close();
      assertThat(child.waitFor()).isZero();
      directory.lock("lock").close();
    } finally {
      child.destroyForcibly();
    }
  }

  @ParameterizedTest
  @CsvSource({"native, native", "native, java", "java, native", "java, java"})
  void lock_lookedAtByItsHolder_isStillHeld(String holder, String opener) throws Exception {
    Disk disk = disk(holder);
    disk(opener);
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskLock lock = directory.lock("lock")) {
      // Whatever opened and closed the file in this process would drop a record lock.
      assertThatThrownBy(() -> directory.lock("lock")).isInstanceOf(LockHeldException.class);
      assertThat(directory.listFiles()).containsExactly("lock");
      assertThat(lock.isIntact()).isTrue();

      ChildJvm.Ended child =
          new ChildJvm().option(GRANTED).run(ChildMain.class, "lock", opener, path.toString());

      assertThat(child.output())
          .startsWith("refused ")
          .contains("held by process " + ProcessHandle.current().pid());
    }
  }

  @ParameterizedTest
  @CsvSource({"native, native", "native, java", "java, native", "java, java"})
  void lock_heldByAnotherClassLoader_isRefused(String holder, String opener) throws Exception {
    Disk disk = disk(holder);
    disk(opener);
    try (DiskDirectory directory = disk.openDirectory(path);
        DiskLock lock = directory.lock("lock");
        URLClassLoader other =
            new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> lockThrough(other, opener))
          .satisfies(
              e -> assertThat(e.getClass().getName()).isEqualTo(LockHeldException.class.getName()))
          .isNotInstanceOf(LockHeldException.class)
          .hasMessageContaining("another opener in this process");
      assertThat(lock.isIntact()).isTrue();
    }
  }

  private void lockThrough(ClassLoader loader, String opener) throws Throwable {
    Class<?> disks = loader.loadClass(Disks.class.getName());
    Object disk = disks.getMethod(opener.equals("native") ? "nativeOrThrow" : "java").invoke(null);
    Object directory =
        loader
            .loadClass(Disk.class.getName())
            .getMethod("openDirectory", Path.class)
            .invoke(disk, path);
    Class<?> directories = loader.loadClass(DiskDirectory.class.getName());
    try {
      directories.getMethod("lock", String.class).invoke(directory, "lock");
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      directories.getMethod("close").invoke(directory);
    }
  }

  private static URL[] classPath() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }

  private static Disk disk(String name) throws IOException {
    return name.equals("native") ? NativeBody.required() : Disks.java();
  }

  @ParameterizedTest
  @CsvSource({"native, native", "native, java", "java, native", "java, java"})
  void fault29_logOpenInAnotherProcess_isRefused_toOpenAndToUnsafeRecover(
      String holder, String opener) throws Exception {
    disk(opener);
    disk(holder);
    WalConfig config = config(opener, path);
    Process child = new ChildJvm().option(GRANTED).start(LogHolder.class, holder, path.toString());
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("open 1");

      assertThatThrownBy(() -> Wal.open(config))
          .isExactlyInstanceOf(LogLockedException.class)
          .hasMessageContaining(path.resolve("segment_0").toString())
          .hasMessageContaining("held by process " + child.pid());
      assertThatThrownBy(() -> Wal.unsafeRecover(path, "segment_"))
          .isExactlyInstanceOf(LogLockedException.class)
          .hasMessageContaining("held by process " + child.pid());

      child.getOutputStream().close();
      assertThat(output.readLine()).isEqualTo("closed 2");
      assertThat(child.waitFor()).isZero();
    } finally {
      child.destroyForcibly();
    }
    try (Wal wal = Wal.open(config)) {
      assertThat(wal.lastIndex()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "java"})
  void fault29_unsafeRecover_ofALogOpenInThisProcess_isRefused(String holder) throws Exception {
    disk(holder);
    try (Wal wal = Wal.open(config(holder, path))) {
      assertThatThrownBy(() -> Wal.unsafeRecover(path, "segment_"))
          .isExactlyInstanceOf(LogLockedException.class);
      assertThat(wal.append(new byte[1])).isEqualTo(1);
    }
    assertThat(Wal.unsafeRecover(path, "segment_")).isEmpty();
  }

  private static WalConfig config(String backend, Path dir) {
    return WalConfig.forDatabase(dir)
        .backend(backend.equals("native") ? Backend.NATIVE : Backend.JAVA)
        .build();
  }

  /** Holds a log open until standard input ends, and writes to it before and after. */
  static final class LogHolder {
    private LogHolder() {}

    public static void main(String[] arguments) throws IOException {
      try (Wal wal = Wal.open(config(arguments[0], Path.of(arguments[1])))) {
        System.out.println("open " + wal.append(new byte[1]));
        while (System.in.read() >= 0) {
          // Nothing is ever sent.
        }
        System.out.println("closed " + wal.append(new byte[1]));
      }
    }
  }
}
