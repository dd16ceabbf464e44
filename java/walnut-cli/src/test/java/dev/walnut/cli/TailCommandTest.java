package dev.walnut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code walnut tail}, in this process, and following in one of its own. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TailCommandTest {
  @TempDir Path base;

  private String out = "";
  private String err = "";

  private Path dir() {
    return base.resolve("log");
  }

  private Wal open() throws IOException {
    return Wal.open(
        WalConfig.forDatabase(dir()).syncMode(SyncMode.NONE).segmentThreshold(8).build());
  }

  private static void append(Wal wal, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      String text = "value " + (wal.lastIndex() + 1);
      wal.append("k", text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private int walnut(Object... arguments) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(outText))
            .setErr(new PrintWriter(errText))
            .execute(words);
    out = outText.toString();
    err = errText.toString();
    return status;
  }

  @Test
  void tail_showsTheTenNewest_orFromAnIndex() throws IOException {
    try (Wal wal = open()) {
      append(wal, 30);
      wal.tombstone(29);
    }

    assertThat(walnut("tail", dir())).isEqualTo(ExitCode.OK);
    assertThat(out.lines()).hasSize(10);
    assertThat(out)
        .startsWith("21  \"k\"  8 bytes  \"value 21\"")
        .contains("29  \"k\"  tombstone")
        .contains("30  \"k\"  8 bytes  \"value 30\"");
    assertThat(walnut("tail", dir(), "--from", 4)).isEqualTo(ExitCode.OK);
    assertThat(out.lines()).hasSize(27);
    assertThat(err).isEmpty();
  }

  @Test
  void tail_json_isAnObjectALine() throws IOException {
    try (Wal wal = open()) {
      append(wal, 3);
      wal.tombstone(2);
    }

    assertThat(walnut("tail", dir(), "--json")).isEqualTo(ExitCode.OK);

    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0).get("index").asLong()).isEqualTo(1);
    assertThat(lines.get(0).get("key").asText()).isEqualTo("k");
    assertThat(lines.get(0).get("value").asText()).isEqualTo("76616c75652031");
    assertThat(lines.get(1).get("tombstone").asBoolean()).isTrue();
    assertThat(lines.get(1).get("value").asText()).isEmpty();
  }

  @Test
  void tail_durable_leavesOutWhatIsNot() throws IOException {
    try (Wal wal = open()) {
      append(wal, 2);
      wal.sync();
      append(wal, 3);

      assertThat(walnut("tail", dir(), "--durable")).isEqualTo(ExitCode.OK);
      assertThat(out.lines()).hasSize(2);
      assertThat(walnut("tail", dir())).isEqualTo(ExitCode.OK);
      assertThat(out.lines()).hasSize(5);
    }
  }

  @Test
  void tail_noLogOrWrongUsage_saysSo() throws IOException {
    assertThat(walnut("tail", base)).isEqualTo(ExitCode.FAILED);
    assertThat(err).contains("there is no log");
    assertThat(walnut("tail", base.resolve("none"))).isEqualTo(ExitCode.FAILED);
    assertThat(walnut("tail", base, "--from", -1)).isEqualTo(2);
    assertThat(err).contains("--from must be at least 0, not -1");
  }

  @Test
  void tail_damagedLog_saysWhere() throws IOException {
    try (Wal wal = open()) {
      append(wal, 30);
    }
    Path first = dir().resolve("segment_0");
    try (RandomAccessFile file = new RandomAccessFile(first.toFile(), "rw")) {
      file.seek(4230);
      int old = file.read();
      file.seek(4230);
      file.write(old ^ 0x40);
    }

    assertThat(walnut("tail", dir(), "--from", 1)).isEqualTo(ExitCode.DAMAGE);
    assertThat(err).contains("walnut tail: ").contains(first + " at offset ");
  }

  private Process startTail(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(String.join(File.pathSeparator, System.getProperty("java.class.path")));
    command.addAll(List.of(Main.class.getName(), "tail", dir().toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(base.resolve("errors").toFile()).start();
  }

  @Test
  void follow_showsWhatIsWrittenMeanwhile_endsBySignal() throws Exception {
    Files.createDirectories(dir());
    Process tail = startTail("-f", "--from", "0");
    try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(tail.getInputStream(), StandardCharsets.UTF_8));
        Wal wal = open()) {
      for (int i = 1; i <= 20; i++) {
        append(wal, 1);
        assertThat(lines.readLine()).contains("\"value " + i + "\"");
      }

      tail.toHandle().destroy(); // as Ctrl-C does, which some that run tests have switched off

      assertThat(tail.waitFor()).isEqualTo(143);
      assertThat(lines.readLine()).isNull();
      assertThat(Files.readString(base.resolve("errors")))
          .as("stack traces")
          .doesNotContain("\tat ");
    } finally {
      tail.destroyForcibly();
    }
  }

  @Test
  void follow_outputClosed_endsQuietly() throws Exception {
    // In one segment: starting thousands a second outruns any reader.
    try (Wal wal = Wal.open(WalConfig.forDatabase(dir()).syncMode(SyncMode.NONE).build())) {
      append(wal, 1);
      Process tail = startTail("-f");
      try {
        assertThat(tail.getInputStream().read()).isEqualTo('1');
        tail.getInputStream().close();
        while (!tail.waitFor(1, TimeUnit.MILLISECONDS)) {
          append(wal, 20);
        }

        assertThat(tail.exitValue()).isZero();
        assertThat(Files.readString(base.resolve("errors")))
            .as("stack traces")
            .doesNotContain("\tat ");
      } finally {
        tail.destroyForcibly();
      }
    }
  }
}
