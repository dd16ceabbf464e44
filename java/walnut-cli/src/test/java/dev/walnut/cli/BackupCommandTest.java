package dev.walnut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Runs {@code walnut backup} in this process, on a small log. */
class BackupCommandTest {
  @TempDir Path base;

  private Path log;
  private Path target;
  private String out = "";
  private String err = "";

  @BeforeEach
  void writeLog() throws IOException {
    log = base.resolve("log");
    target = base.resolve("copy");
    try (Wal wal = Wal.open(config().build())) {
      for (int i = 1; i <= 25; i++) {
        wal.append("key", new byte[100]);
      }
    }
  }

  private WalConfig.Builder config() {
    return WalConfig.forDatabase(log).prefix("orders_").segmentThreshold(10);
  }

  private int walnut(Object... arguments) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    CommandLine commandLine =
        Main.commandLine().setOut(new PrintWriter(outText)).setErr(new PrintWriter(errText));
    int status =
        commandLine.execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
    out = outText.toString();
    err = errText.toString();
    return status;
  }

  @Test
  void backup_copiesALog_thatVerifiesAndOpens() throws IOException {
    assertThat(walnut("backup", log, target, "--prefix", "orders_")).isEqualTo(ExitCode.OK);

    assertThat(out).contains("indexes 1 to 25").contains("3 files, 2 of them linked");
    assertThat(walnut("verify", target, "--prefix", "orders_")).isEqualTo(ExitCode.OK);
    try (Wal copy = Wal.open(WalConfig.forDatabase(target).prefix("orders_").build())) {
      assertThat(copy.size()).isEqualTo(25);
    }
  }

  @Test
  void backup_json_isForPrograms() throws IOException {
    int status = walnut("backup", log, target, "--prefix", "orders_", "--json");

    assertThat(status).isEqualTo(ExitCode.OK);
    JsonNode json = new ObjectMapper().readTree(out);
    assertThat(json.get("target").asText()).isEqualTo(target.toString());
    assertThat(json.get("files").asInt()).isEqualTo(3);
    assertThat(json.get("linkedFiles").asInt()).isEqualTo(2);
    assertThat(json.get("bytesCopied").asLong()).isPositive();
    assertThat(json.get("firstIndex").asLong()).isEqualTo(1);
    assertThat(json.get("lastIndex").asLong()).isEqualTo(25);
  }

  @Test
  void backup_noLog_isRefused_andNoneIsMade() throws IOException {
    Path empty = Files.createDirectory(base.resolve("empty"));

    assertThat(walnut("backup", empty, target)).isEqualTo(ExitCode.FAILED);
    assertThat(err).contains("there is no log");
    assertThat(walnut("backup", log, target)).isEqualTo(ExitCode.FAILED); // of this prefix
    assertThat(walnut("backup", base.resolve("none"), target)).isEqualTo(ExitCode.FAILED);
    assertThat(err).contains("no such file");

    assertThat(empty).isEmptyDirectory();
    assertThat(target).doesNotExist();
    assertThat(base.resolve("none")).doesNotExist();
  }

  @Test
  void backup_logOpenElsewhere_isRefused_andSaysWhatToDo() throws IOException {
    try (Wal wal = Wal.open(config().build())) {
      assertThat(walnut("backup", log, target, "--prefix", "orders_")).isEqualTo(ExitCode.FAILED);
      assertThat(err).contains("Wal.backup");
      assertThat(wal.size()).isEqualTo(25);
    }
    assertThat(target).doesNotExist();
  }

  @Test
  void backup_targetNotUsable_isRefused() throws IOException {
    Path full = Files.createDirectory(base.resolve("full"));
    Files.writeString(full.resolve("mine"), "mine");

    assertThat(walnut("backup", log, full, "--prefix", "orders_")).isEqualTo(ExitCode.FAILED);
    assertThat(err).contains("must be empty").contains("mine");
    assertThat(walnut("backup", log, log.resolve("copy"), "--prefix", "orders_")).isEqualTo(2);
    assertThat(err).contains("own directory");
    assertThat(walnut("backup", log)).isEqualTo(2);
  }

  @Test
  void backup_help_tellsOfTheTarget() {
    assertThat(walnut("backup", "--help")).isEqualTo(ExitCode.OK);
    assertThat(out).contains("TARGET").contains("DIR").contains("hard-linked");
  }
}
