package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.NativeBody;
import dev.walnut.internal.platform.Prlimit;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A log in a process that has no descriptors left goes on with those it has. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProcessWithoutDescriptorsTest {
  @TempDir Path base;

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "JAVA"})
  void fault14_logWithoutDescriptors_failsCleanlyAndGoesOn(Backend backend) throws Exception {
    Prlimit.required();
    if (backend == Backend.NATIVE) {
      NativeBody.required();
    }
    Path dir = base.resolve("log");

    ChildJvm.Ended child =
        new ChildJvm()
            .option("--enable-native-access=ALL-UNNAMED")
            .option("-XX:-UsePerfData")
            .run(ProcessWithoutDescriptorsChild.class, backend.name(), dir.toString());

    List<String> said = child.output().lines().toList();
    assertThat(said).as(child.errors()).hasSize(10);
    assertThat(said.get(0)).isEqualTo("append to the open segment: 30");
    assertThat(said.get(1))
        .startsWith("get from a closed segment: FileSystemException: open ")
        .contains(dir.resolve("segment_0") + ": Too many open files");
    assertThat(said.get(2)).isEqualTo("append to the prepared segment: 40");
    assertThat(said.get(3))
        .startsWith("append to a new segment: WalException: ")
        .contains("not written: start a segment: create " + dir + "/segment_")
        .contains("Too many open files");
    assertThat(said.get(4))
        .startsWith("append to a new segment, later: dev.walnut.exception.WalException: ")
        .contains("Too many open files");
    assertThat(said.get(5)).isEqualTo("failure: Optional.empty");
    assertThat(said.subList(6, 10))
        .containsExactly(
            "append with descriptors: 55",
            "get with descriptors: true",
            "failure: Optional.empty",
            "closed");
    assertHolds(dir, 55, backend == Backend.JAVA ? Backend.AUTO : Backend.JAVA);
  }

  private static void assertHolds(Path dir, long entries, Backend backend) throws Exception {
    try (Wal wal = Wal.open(WalConfig.forDatabase(dir).backend(backend).build())) {
      assertThat(wal.size()).isEqualTo(entries);
      for (long i = 1; i <= entries; i++) {
        assertThat(wal.get(i).orElseThrow().value()).containsExactly((byte) i);
      }
    }
  }
}
