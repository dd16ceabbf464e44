package dev.walnut.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.walnut.Backend;
import dev.walnut.Wal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills real children, a few; and shows that the check would notice what it looks for. */
class DemoTest {
  @TempDir Path base;

  private Path text() throws IOException {
    Path file = base.resolve("text.txt");
    String lines =
        IntStream.rangeClosed(1, 50)
            .mapToObj(i -> "line " + i + " " + "x".repeat(i * 20))
            .collect(Collectors.joining("\n"));
    return Files.writeString(file, lines);
  }

  /** A log that holds the lines given, in that order. */
  private Path log(DemoText text, long... numbers) throws IOException {
    Path log = base.resolve("log");
    try (Wal wal = Wal.open(DemoSettings.of(log, Backend.JAVA))) {
      for (long number : numbers) {
        wal.append(text.line(number));
      }
    }
    return log;
  }

  @Test
  void demo_ofAFile_keepsEveryPromise() throws Exception {
    Path dir = base.resolve("demo");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    int status =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(
                "demo",
                text().toString(),
                "--backend=auto",
                "--rounds=2",
                "--seed=1",
                "--json",
                "--dir=" + dir);

    assertThat(err.toString()).isEmpty();
    assertThat(status).isEqualTo(ExitCode.OK);
    JsonNode run = new ObjectMapper().readTree(out.toString()).get("runs").get(0);
    assertThat(run.get("rounds").size()).isEqualTo(3);
    assertThat(run.get("rounds").get(2).get("lastLine").asLong()).isEqualTo(1500);
    assertThat(run.get("durableWrites").asLong())
        .isPositive()
        .isLessThanOrEqualTo(run.get("syncs").asLong() * DemoSettings.BATCH_SIZE);
  }

  @Test
  void demo_tooFewInFlight_isRefused() {
    StringWriter err = new StringWriter();

    int status =
        Main.commandLine().setErr(new PrintWriter(err)).execute("demo", "--in-flight", "15");

    assertThat(status).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).startsWith("--in-flight: 15 is out of range: 16 to 65536");
  }

  @Test
  void check_acknowledgedLineMissing_fails() throws Exception {
    DemoText text = DemoText.read(text(), false, 0);
    Path log = log(text, 1, 2, 3);

    assertThatThrownBy(() -> DemoCheck.run(log, text, 4, Backend.JAVA))
        .isInstanceOf(DemoFailure.class)
        .hasMessage("line 4 was durable, and the log ends at 3");
  }

  @Test
  void check_wrongLine_fails() throws Exception {
    DemoText text = DemoText.read(text(), false, 0);
    Path log = log(text, 1, 3, 3);

    assertThatThrownBy(() -> DemoCheck.run(log, text, 3, Backend.JAVA))
        .isInstanceOf(DemoFailure.class)
        .hasMessageStartingWith("line 2 is not what was written");
  }

  @Test
  void check_lineNeverWritten_fails() throws Exception {
    DemoText text = DemoText.read(text(), false, 2);
    Path log = log(text, 1, 2, 3);

    assertThatThrownBy(() -> DemoCheck.run(log, text, 2, Backend.JAVA))
        .isInstanceOf(DemoFailure.class)
        .hasMessage("line 3 was never written");
  }

  @Test
  void check_survivors_areAccepted() throws Exception {
    DemoText text = DemoText.read(text(), false, 0);
    Path log = log(text, 1, 2, 3);

    DemoCheck.Result result = DemoCheck.run(log, text, 2, Backend.JAVA);

    assertThat(result.lastLine()).isEqualTo(3);
    assertThat(result.backend()).isEqualTo("java");
  }

  @Test
  void text_ofTheJdk_isNumberedWithLongLines() throws Exception {
    Path names = base.resolve("names.txt");
    JdkNames.write(names);

    DemoText text = DemoText.read(names, true, 200_000);

    assertThat(text.linesInFile()).isGreaterThan(10_000);
    assertThat(new String(text.line(1), StandardCharsets.UTF_8)).startsWith("1 java.");
    assertThat(new String(text.line(150_001), StandardCharsets.UTF_8)).startsWith("150001 java.");
    assertThat(text.line(199_900)).hasSize(DemoText.LONG_LINE_BYTES).doesNotContain('\n');
    assertThat(new String(text.line(200_000), StandardCharsets.UTF_8)).startsWith("200000 java");
  }
}
