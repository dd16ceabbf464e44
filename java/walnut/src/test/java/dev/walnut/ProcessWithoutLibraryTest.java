package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log where the C layer is missing: the same files, or a loud refusal if it is asked for. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProcessWithoutLibraryTest {
  @TempDir Path base;

  private String withoutLibrary(Backend backend, Path dir, long entries) throws Exception {
    ChildJvm.Ended child =
        new ChildJvm()
            .without(ChildJvm::isNativeLibrary)
            .option("--enable-native-access=ALL-UNNAMED")
            .run(
                ProcessWithoutLibraryChild.class,
                backend.name(),
                dir.toString(),
                Long.toString(entries));
    assertThat(child.status()).as(child.errors()).isZero();
    return child.output().strip();
  }

  @Test
  void fault52_nativeAskedFor_failsLoudlyAndMakesNothing() throws Exception {
    Path dir = base.resolve("log");

    String said = withoutLibrary(Backend.NATIVE, dir, 1);

    assertThat(said)
        .startsWith("NativeUnavailableException: native back end: native library not loaded: ")
        .contains("walnut");
    assertThat(dir).doesNotExist();
  }

  @Test
  void fault52_automatic_writesFilesThatNativeReads_andReadsThose() throws Exception {
    NativeBody.required();
    Path dir = base.resolve("log");

    assertThat(withoutLibrary(Backend.AUTO, dir, 50)).isEqualTo("java: 50");
    assertThat(useWith(Backend.NATIVE, dir, 50, 110)).isEqualTo("native");
    assertThat(withoutLibrary(Backend.AUTO, dir, 130)).isEqualTo("java: 130");
    assertThat(useWith(Backend.NATIVE, dir, 130, 130)).isEqualTo("native");
  }

  private static String useWith(Backend backend, Path dir, long there, long entries)
      throws IOException {
    WalConfig config =
        WalConfig.forDatabase(dir).backend(backend).openCheck(OpenCheck.FULL).build();
    try (Wal wal = Wal.open(config)) {
      assertThat(wal.size()).isEqualTo(there);
      ProcessWithoutLibraryChild.use(wal, entries);
      return wal.stats().backend();
    }
  }
}
