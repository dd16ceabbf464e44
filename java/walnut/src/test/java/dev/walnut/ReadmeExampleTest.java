package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example compiles and runs as pasted, and says nothing on standard error. */
class ReadmeExampleTest {
  @TempDir Path dir;

  private static String example() throws IOException {
    Path readme = Path.of("").toAbsolutePath();
    while (!Files.exists(readme.resolve("README.md"))) {
      readme = readme.getParent();
    }
    String text = Files.readString(readme.resolve("README.md"));
    String marked =
        text.substring(
            text.indexOf("<!-- example: begin -->"), text.indexOf("<!-- example: end -->"));
    return marked.substring(marked.indexOf("```java") + 7, marked.lastIndexOf("```"));
  }

  private static String className(String source) {
    int at = source.indexOf("class ") + 6;
    return source.substring(at, source.indexOf(' ', at));
  }

  @Test
  void example_inAChildJvm_runsWithEmptyStandardError() throws Exception {
    String source = example();
    Path file = dir.resolve(className(source) + ".java");
    Files.writeString(file, source);
    String classPath = System.getProperty("java.class.path");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                classPath,
                "-d",
                dir.toString(),
                file.toString());
    assertThat(compiled).isZero();

    Path errors = dir.resolve("stderr");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                dir + System.getProperty("path.separator") + classPath,
                className(source))
            .directory(dir.toFile())
            .redirectError(errors.toFile())
            .redirectOutput(dir.resolve("stdout").toFile())
            .start();

    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertSaysNothingButTheFallback(Files.readAllLines(errors, StandardCharsets.UTF_8));
    assertThat(child.exitValue()).isZero();
    assertThat(Files.readString(dir.resolve("stdout"))).isNotEmpty();
  }

  /** Where native is missing, one record of the log says why, in two lines; there is no other. */
  private static void assertSaysNothingButTheFallback(List<String> lines) {
    if (isNativeMissing()) {
      assertThat(lines).hasSize(2);
      assertThat(lines.get(1)).startsWith("INFO: back end java: ");
    } else {
      assertThat(lines).isEmpty();
    }
  }

  private static boolean isNativeMissing() {
    try {
      SegmentStores.environment(Backend.NATIVE);
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
