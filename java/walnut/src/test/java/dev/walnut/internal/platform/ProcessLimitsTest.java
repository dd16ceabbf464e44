package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens at the limits of a process, each time in one that limits itself. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProcessLimitsTest {
  @TempDir Path directory;

  @BeforeEach
  void findPrlimit() {
    Prlimit.required();
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "java"})
  void fault07_writePastTheSizeLimit_isContinuedAndThenDiskFull(String body) throws Exception {
    ChildJvm.Ended child = child(body, "fill");

    assertThat(child.output())
        .startsWith("full 20480 write " + directory.resolve("a") + " at offset 0, 100000 bytes: ")
        .contains("File too large");
    byte[] content = Files.readAllBytes(directory.resolve("a"));
    for (int i = 0; i < content.length; i++) {
      assertThat(content[i]).isEqualTo((byte) (i * 31));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "java"})
  void fault14_openWithoutDescriptorsLeft_failsCleanly(String body) throws Exception {
    ChildJvm.Ended child = child(body, "exhaust");

    assertThat(child.output().lines())
        .as(child.errors())
        .first()
        .asString()
        .startsWith("FileSystemException open " + directory.resolve("a") + ": ")
        .contains("Too many open files");
    assertThat(child.output()).contains("held file writes 10").endsWith("opened again\n");
    assertThat(child.status()).isZero();
  }

  private ChildJvm.Ended child(String body, String deed) throws Exception {
    if (body.equals("native")) {
      NativeBody.required();
    }
    return new ChildJvm()
        .option("--enable-native-access=ALL-UNNAMED")
        .option("-XX:-UsePerfData")
        .run(ChildMain.class, deed, body, directory.toString());
  }
}
