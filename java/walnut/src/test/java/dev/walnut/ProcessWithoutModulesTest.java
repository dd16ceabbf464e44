package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A log on a Java without JFR and JMX, as a small image may be. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProcessWithoutModulesTest {
  @TempDir Path base;

  @BeforeEach
  void requireNative() throws IOException {
    NativeBody.required();
  }

  @ParameterizedTest
  @CsvSource({
    "JAVA, 'java.base,jdk.unsupported', 'jdk.jfr false, java.management false'",
    "NATIVE, 'java.base,jdk.unsupported,java.logging', 'jdk.jfr false, java.management false'",
    "NATIVE, 'java.base,jdk.unsupported,java.logging,java.management',"
        + " 'jdk.jfr false, java.management true'",
  })
  void log_withoutModules_writesAllTheSame_andSaysWhatIsMissing(
      Backend backend, String modules, String present) throws Exception {
    ChildJvm.Ended child =
        new ChildJvm()
            .option("--enable-native-access=ALL-UNNAMED")
            .option("--limit-modules=" + modules)
            .run(ProcessWithoutModulesChild.class, backend.name(), base.resolve("log").toString());

    assertThat(child.status()).as(child.errors()).isZero();
    assertThat(child.output().strip())
        .isEqualTo("%s: 50 entries, 50 syncs, %s".formatted(backend.name().toLowerCase(), present));
    String warning = "not shown by JMX: this Java has no module java.management";
    assertThat(child.errors().contains(warning))
        .as(child.errors())
        .isEqualTo(!modules.contains("java.management"));
  }
}
