package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.NativeBody;
import dev.walnut.internal.platform.Prlimit;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A log in a process whose files may not grow further is as on a full disk. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProcessAtSizeLimitTest {
  @TempDir Path base;

  static Stream<Arguments> combinations() {
    return Stream.of(Backend.NATIVE, Backend.JAVA)
        .flatMap(
            backend ->
                Stream.of(SyncMode.NONE, SyncMode.BATCH).map(mode -> Arguments.of(backend, mode)));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void fault12_fileSizeLimit_refusesCleanly_andTheLogGoesOnWithoutIt(Backend backend, SyncMode mode)
      throws Exception {
    Prlimit.required();
    if (backend == Backend.NATIVE) {
      NativeBody.required();
    }
    Path dir = base.resolve("log");

    ChildJvm.Ended child =
        new ChildJvm()
            .option("--enable-native-access=ALL-UNNAMED")
            .option("-XX:-UsePerfData")
            .run(
                ProcessAtSizeLimitChild.class,
                backend.name(),
                mode.name(),
                dir.toString(),
                Integer.toString(3_000_000));

    List<String> said = child.output().lines().toList();
    assertThat(said).as(child.errors()).hasSize(9);
    assertThat(said.get(0))
        .startsWith("refused: append: not written: write " + dir.resolve("segment_0"))
        .contains("no room for")
        .contains("File too large");
    assertThat(said.subList(1, 8))
        .containsExactly(
            "later: NoSpaceException",
            "sync: true",
            "read: true",
            "out of space: true",
            "failure: Optional.empty",
            "without a limit: 1",
            "out of space: false");
    long last = Long.parseLong(said.get(8).substring("last: ".length()));
    assertThat(last).isGreaterThan(2000);
    Backend other = backend == Backend.JAVA ? Backend.AUTO : Backend.JAVA;
    WalConfig config = WalConfig.forDatabase(dir).backend(other).openCheck(OpenCheck.FULL).build();
    try (Wal wal = Wal.open(config)) {
      assertThat(wal.size()).isEqualTo(last);
      assertThat(wal.recoveryReport().cutBytes()).isZero();
    }
  }
}
