package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;

/** A program that a page shows: compiled and run as a reader would, in a JVM of its own. */
final class ExampleProgram {
  private final String source;

  ExampleProgram(String source) {
    this.source = source;
  }

  /** The text of one of the project's pages. */
  static String page(String name) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("README.md"))) {
      root = root.getParent();
    }
    return Files.readString(root.resolve(name));
  }

  String className() {
    int at = source.indexOf("public class ") + "public class ".length();
    return source.substring(at, source.indexOf(' ', at));
  }

  /** Runs it in a directory; returns what it printed, having said nothing on standard error. */
  String run(Path dir) throws IOException, InterruptedException {
    Path work = Files.createDirectory(dir.resolve("work"));
    Path output = dir.resolve("stdout");
    Path errors = dir.resolve("stderr");
    String classPath = System.getProperty("java.class.path");
    compile(dir, classPath);

    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                dir + System.getProperty("path.separator") + classPath,
                className())
            .directory(work.toFile())
            .redirectError(errors.toFile())
            .redirectOutput(output.toFile())
            .start();

    try {
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("%s ends", className()).isTrue();
    } finally {
      child.destroyForcibly();
    }
    assertSaysNothingButTheFallback(Files.readAllLines(errors, StandardCharsets.UTF_8));
    assertThat(child.exitValue()).isZero();
    return Files.readString(output);
  }

  private void compile(Path dir, String classPath) throws IOException {
    Path file = dir.resolve(className() + ".java");
    Files.writeString(file, source);
    String[] arguments = {"-proc:none", "-cp", classPath, "-d", dir.toString(), file.toString()};
    assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments))
        .as("%s compiles", className())
        .isZero();
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
