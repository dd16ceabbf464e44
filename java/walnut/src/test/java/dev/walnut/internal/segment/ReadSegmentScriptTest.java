package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The scripts under {@code docs/examples}, which were written from the page alone. */
class ReadSegmentScriptTest {
  /** A byte of the second entry of the worked example. */
  private static final int ENTRY_BYTE_AT = 0x104b;

  @TempDir private Path dir;

  private record Outcome(int code, String output) {}

  @BeforeEach
  void requirePython() throws Exception {
    assumeTrue(isPythonPresent(), "python3 is not there: the scripts in docs/examples are not run");
  }

  @Test
  void writer_ofTheExample_printsTheDumpOfThePage() throws Exception {
    Outcome outcome = run("write_example.py", "--dump");

    assertThat(outcome).isEqualTo(new Outcome(0, FormatExample.dump()));
  }

  @Test
  void reader_ofTheExample_findsNoProblem() throws Exception {
    Path file = Files.write(dir.resolve("segment_0"), FormatExample.bytes());

    Outcome outcome = run("read_segment.py", file.toString());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).contains("index=2").doesNotContain("problem");
  }

  @Test
  void reader_ofAFlippedDurableByte_namesOffsetAndCorruption() throws Exception {
    byte[] damaged = FormatExample.bytes();
    damaged[ENTRY_BYTE_AT] ^= 1;
    Path file = Files.write(dir.resolve("segment_0"), damaged);

    Outcome outcome = run("read_segment.py", "--json", file.toString());

    assertThat(outcome.code()).as(outcome.output()).isEqualTo(1);
    assertThat(outcome.output())
        .contains("\"structure\": \"problem\", \"offset\": 4144, \"kind\": \"corrupt\"");
  }

  @Test
  void reader_ofAnOpenTail_endsAtTheZeros() throws Exception {
    byte[] tail = Arrays.copyOf(FormatExample.bytes(), 0x10d8);
    Path file = Files.write(dir.resolve("segment_0"), Arrays.copyOf(tail, 1 << 16));

    Outcome outcome = run("read_segment.py", file.toString());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).contains("4312  end").contains("no footer");
  }

  @ParameterizedTest
  @EnumSource(GoldenLog.class)
  void reader_ofEveryGoldenFile_findsNoProblem(GoldenLog golden) throws Exception {
    StringBuilder output = new StringBuilder();

    try (Stream<Path> files = Files.list(golden.committed())) {
      for (Path file : files.sorted().toList()) {
        Outcome outcome = run("read_segment.py", file.toString());
        assertThat(outcome.code()).as("%s: %s", file, outcome.output()).isZero();
        output.append(outcome.output());
      }
    }

    assertThat(output.toString()).doesNotContain("problem").contains(golden.printed);
  }

  private static boolean isPythonPresent() throws InterruptedException {
    try {
      return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
    } catch (IOException e) {
      return false; // no such command
    }
  }

  private static Outcome run(String script, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("python3", "-B"));
    command.add(FormatExample.docs().resolve("examples").resolve(script).toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }
}
