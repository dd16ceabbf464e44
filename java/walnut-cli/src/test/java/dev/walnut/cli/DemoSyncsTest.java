package dev.walnut.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Counts the demo's syncs from outside, where they cannot be claimed without being made. */
class DemoSyncsTest {
  @TempDir Path base;

  private static boolean canTrace() throws InterruptedException {
    try {
      return new ProcessBuilder("strace", "-f", "-o", "/dev/null", "true").start().waitFor() == 0;
    } catch (IOException e) {
      return false; // no such command
    }
  }

  private Path text() throws IOException {
    return Files.writeString(
        base.resolve("text.txt"),
        IntStream.rangeClosed(1, 1500)
            .mapToObj(i -> "line " + i)
            .collect(Collectors.joining("\n")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "java"})
  void demo_underStrace_makesAsManySyncsAsItCounts(String backend) throws Exception {
    assumeTrue(
        canTrace(), "not run: strace is not there, or may not trace (Debian package strace)");
    assumeTrue(
        backend.equals("java") || Boolean.getBoolean("native.required"),
        "not run: the native back end may be missing where it is not required");
    Path calls = base.resolve("calls");
    Path out = base.resolve("out");
    List<String> command =
        List.of(
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=fsync,fdatasync,pwritev2",
            "-o",
            calls.toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "demo",
            text().toString(),
            "--rounds=1",
            "--json",
            "--backend=" + backend,
            "--dir=" + base.resolve("demo"));

    Process process = new ProcessBuilder(command).redirectOutput(out.toFile()).start();
    String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(errors).isZero();
    JsonNode run = new ObjectMapper().readTree(out.toFile()).get("runs").get(0);
    assertThat(run.get("writer").asText()).isEqualTo(backend);
    long counted = run.get("syncs").asLong();
    assertThat(counted).isPositive();
    assertThat(syncs(calls)).isGreaterThanOrEqualTo(counted);
  }

  /** Each call once: a line that is resumed says nothing new. */
  private static long syncs(Path calls) throws IOException {
    try (Stream<String> lines = Files.lines(calls)) {
      return lines
          .filter(line -> !line.contains(" resumed>"))
          .filter(line -> line.contains("sync(") || line.contains("RWF_DSYNC"))
          .count();
    }
  }
}
