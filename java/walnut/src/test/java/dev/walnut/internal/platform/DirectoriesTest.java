package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which names are synced when directories are made. */
class DirectoriesTest {
  @TempDir Path root;

  private final List<Path> synced = new ArrayList<>();

  @Test
  void create_severalLevels_syncsEachNameInItsParent() throws IOException {
    Directories.create(recording(), root.resolve("a/b")).close();

    assertThat(root.resolve("a/b")).isDirectory();
    assertThat(synced).containsExactly(root.getParent(), root, root.resolve("a"));
  }

  @Test
  void fault05_create_belowADirectoryWhoseMakerDied_syncsThatOnesNameToo() throws IOException {
    Files.createDirectory(root.resolve("a")); // and its maker was killed before it synced the name

    Directories.create(recording(), root.resolve("a/b")).close();

    assertThat(synced).containsExactly(root, root.resolve("a"));
  }

  @Test
  void create_ofWhatIsThere_syncsNothing() throws IOException {
    Files.createDirectory(root.resolve("a"));

    Directories.create(recording(), root.resolve("a")).close();

    assertThat(synced).isEmpty();
  }

  /** The Java body, which takes note of the directories synced. */
  private Disk recording() {
    return proxy(Disk.class, Disks.java());
  }

  private <T> T proxy(Class<T> type, T below) {
    return type.cast(
        Proxy.newProxyInstance(
            DirectoriesTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals("sync") && below instanceof DiskDirectory directory) {
                synced.add(directory.path());
              }
              try {
                Object result = method.invoke(below, arguments);
                return result instanceof DiskDirectory directory
                    ? proxy(DiskDirectory.class, directory)
                    : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
