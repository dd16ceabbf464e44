package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.NativeBody;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A log in a process that has little memory, on the heap and off it. */
@Timeout(120)
class ProcessWithLittleMemoryTest {
  @TempDir Path base;

  @ParameterizedTest
  @EnumSource(names = {"JAVA", "NATIVE"})
  void fault37_tooLittleMemoryForAnEntry_refusesThatEntryAlone(Backend backend) throws Exception {
    if (backend == Backend.NATIVE) {
      NativeBody.required();
    }
    Path dir = base.resolve("log");

    ChildJvm.Ended child =
        new ChildJvm()
            .option("--enable-native-access=ALL-UNNAMED")
            .option("-Xmx40m")
            .option("-XX:MaxDirectMemorySize=12m")
            .run(
                ProcessWithLittleMemoryChild.class,
                backend.name(),
                dir.toString(),
                Integer.toString(14 << 20));

    assertThat(child.output().lines())
        .as(child.errors())
        .containsExactly(
            "small: 5000",
            "large: OutOfMemoryError",
            "small: 5001",
            "large, later: OutOfMemoryError",
            "small: 5002",
            "failure: Optional.empty",
            "read: true",
            "closed");
    try (Wal wal = Wal.open(WalConfig.forDatabase(dir).openCheck(OpenCheck.FULL).build())) {
      assertThat(wal.size()).isEqualTo(5002);
      assertThat(wal.recoveryReport().cutBytes()).isZero();
    }
  }
}
