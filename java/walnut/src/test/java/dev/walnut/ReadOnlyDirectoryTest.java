package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading a log where nothing can be written. */
@Timeout(60)
class ReadOnlyDirectoryTest {
  private static final int ENTRIES = 25;

  @TempDir Path base;

  /** A log that was closed, or left by a killed process. */
  private Path writeLog(boolean closed) throws IOException {
    Path dir = base.resolve("log");
    WalConfig config = WalConfig.forDatabase(dir).segmentThreshold(10).build();
    try (Wal wal = Wal.open(config)) {
      for (int i = 1; i <= ENTRIES; i++) {
        wal.append("key", ("value " + i).getBytes(StandardCharsets.UTF_8));
      }
      if (!closed) {
        dir = LogContract.copyWhileOpen(dir, base.resolve("killed"));
      }
    }
    return dir;
  }

  private static void assertReadable(Path dir) throws IOException {
    try (WalReader reader = Wal.openReadOnly(dir, "segment_");
        WalCursor cursor = reader.cursor(1)) {
      assertThat(reader.size()).isEqualTo(ENTRIES);
      assertThat(reader.get(7)).isPresent();
      for (int i = 1; i <= ENTRIES; i++) {
        assertThat(cursor.await(Duration.ZERO)).isTrue();
        assertThat(cursor.next().index()).isEqualTo(i);
      }
      assertThat(cursor.await(Duration.ofMillis(5))).isFalse();
    }
  }

  private static int run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    return process.waitFor();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fault13_readOnlyFileSystem_canBeRead(boolean closed) throws Exception {
    Path dir = writeLog(closed);
    TreeMap<String, String> before = LogContract.digests(dir);
    assumeTrue(
        run("mount", "--bind", dir.toString(), dir.toString()) == 0,
        "not run: this user may not mount");
    try {
      assertThat(run("mount", "-o", "remount,ro,bind", dir.toString())).isZero();
      assertThat(isWritable(dir)).isFalse();

      assertReadable(dir);
    } finally {
      assertThat(run("umount", dir.toString())).isZero();
    }

    assertThat(LogContract.digests(dir)).isEqualTo(before);
  }

  private static boolean isWritable(Path dir) {
    try {
      Files.delete(Files.createFile(dir.resolve("attempt")));
      return true;
    } catch (FileSystemException e) {
      return false;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As root it shows only that nothing is written. */
  @Test
  void fault13_directoryWithoutWritePermission_canBeRead_andHasNoNewFile() throws IOException {
    Path dir = writeLog(false);
    Files.delete(dir.resolve("segment_lock"));
    TreeMap<String, String> before = LogContract.digests(dir);
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assertReadable(dir);

      assertThat(LogContract.digests(dir)).isEqualTo(before);
    } catch (AccessDeniedException e) {
      throw new AssertionError("it may be read", e);
    } finally {
      Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
