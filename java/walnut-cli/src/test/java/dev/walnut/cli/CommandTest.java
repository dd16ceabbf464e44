package dev.walnut.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Runs the commands in this process, on a small log. */
class CommandTest {
  private static final int ENTRIES = 40;

  @TempDir Path base;

  private Path log;
  private String out = "";
  private String err = "";

  @BeforeEach
  void writeLog() throws IOException {
    log = base.resolve("log");
    try (Wal wal = Wal.open(WalConfig.forDatabase(log).segmentBytes(16 * 1024).build())) {
      for (int i = 1; i <= ENTRIES; i++) {
        wal.append("key " + i, ("value " + i + " ").repeat(100).getBytes(StandardCharsets.UTF_8));
      }
      wal.tombstone(7);
    }
  }

  private int walnut(Object... arguments) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    CommandLine commandLine =
        Main.commandLine().setOut(new PrintWriter(outText)).setErr(new PrintWriter(errText));
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int status = commandLine.execute(words);
    out = outText.toString();
    err = errText.toString();
    return status;
  }

  /** Flips a byte in the body of the log's first segment; returns its file. */
  private Path damage() throws IOException {
    Path first = log.resolve("segment_0");
    try (RandomAccessFile file = new RandomAccessFile(first.toFile(), "rw")) {
      file.seek(6000);
      int old = file.read();
      file.seek(6000);
      file.write(old ^ 0x40);
    }
    return first;
  }

  private List<JsonNode> jsonLines() throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : out.lines().toList()) {
      nodes.add(new ObjectMapper().readTree(line));
    }
    return nodes;
  }

  @Test
  void stat_wholeLog_sumsItUp() {
    int status = walnut("stat", log);

    assertThat(err).isEmpty();
    assertThat(status).isEqualTo(ExitCode.OK);
    assertThat(out).contains("40 entries, indexes 1 to 40").contains("segment_0");
  }

  @Test
  void stat_json_isOneObject() throws Exception {
    int status = walnut("stat", log, "--json");

    JsonNode root = new ObjectMapper().readTree(out);
    assertThat(status).isEqualTo(ExitCode.OK);
    assertThat(root.get("entries").asLong()).isEqualTo(ENTRIES);
    assertThat(root.get("lastIndex").asLong()).isEqualTo(ENTRIES);
    assertThat(root.get("damaged").asBoolean()).isFalse();
    assertThat(root.get("segments").size()).isGreaterThan(1);
    long entries = 0;
    long tombstones = 0;
    for (JsonNode segment : root.get("segments")) {
      entries += segment.get("entries").asLong();
      tombstones += segment.get("tombstones").asLong();
    }
    assertThat(entries).isEqualTo(ENTRIES);
    assertThat(tombstones).isEqualTo(1);
  }

  @Test
  void stat_flippedByte_namesFileAndOffset() throws Exception {
    Path first = damage();

    int status = walnut("stat", log);

    assertThat(status).isEqualTo(ExitCode.DAMAGE);
    assertThat(out).contains("corrupt: " + first + " at offset ");
  }

  @Test
  void stat_noLog_saysSo() {
    int status = walnut("stat", base);

    assertThat(status).isEqualTo(ExitCode.FAILED);
    assertThat(err).startsWith("walnut stat: " + base).contains("there is no log");
    assertThat(err.lines()).hasSize(1);
  }

  @Test
  void stat_missingDirectory_saysSo() {
    int status = walnut("stat", base.resolve("missing"));

    assertThat(status).isEqualTo(ExitCode.FAILED);
    assertThat(err).contains(base.resolve("missing").toString());
    assertThat(err.lines()).hasSize(1);
  }

  @Test
  void dump_range_showsItsEntriesOnly() {
    int status = walnut("dump", log, "--from", 7, "--to", 8);

    assertThat(status).isEqualTo(ExitCode.OK);
    assertThat(out).contains("entry 7  \"key 7\"").contains("entry 8  \"key 8\"");
    assertThat(out).contains("tombstone 7");
    assertThat(out).doesNotContain("entry 6 ").doesNotContain("entry 9 ");
  }

  @Test
  void dump_json_isOneObjectALine() throws Exception {
    int status = walnut("dump", log, "--json");

    assertThat(status).isEqualTo(ExitCode.OK);
    List<JsonNode> entries =
        jsonLines().stream()
            .filter(node -> node.get("kind").asText().equals("record"))
            .filter(node -> node.get("type").asText().equals("entry"))
            .toList();
    assertThat(entries).hasSize(ENTRIES);
    assertThat(entries.get(4).get("index").asLong()).isEqualTo(5);
    assertThat(entries.get(4).get("key").asText()).isEqualTo("key 5");
    assertThat(entries.get(4).get("valueStart").asText()).startsWith("76616c75652035"); // value 5
  }

  @Test
  void dump_flippedByte_showsTheRecordAndTheFinding() throws Exception {
    damage();

    int status = walnut("dump", log, "--json");

    assertThat(status).isEqualTo(ExitCode.DAMAGE);
    assertThat(jsonLines())
        .anyMatch(node -> node.path("check").asText().equals("damaged"))
        .anyMatch(node -> node.path("verdict").asText().equals("corrupt"));
  }

  @Test
  void dump_output_goesToTheFile() throws Exception {
    Path file = base.resolve("dump.txt");

    int status = walnut("dump", log, "--output", file);

    assertThat(status).isEqualTo(ExitCode.OK);
    assertThat(out).isEmpty();
    assertThat(Files.readString(file)).contains("entry 40  \"key 40\"");
  }

  @Test
  void dump_emptyRange_isRefused() {
    int status = walnut("dump", log, "--from", 9, "--to", 8);

    assertThat(status).isEqualTo(ExitCode.USAGE);
    assertThat(err).startsWith("--from must be at least 0 and at most --to, not 9");
  }

  // ---- verify

  @Test
  void verify_wholeLog_saysSo() {
    int status = walnut("verify", log);

    assertThat(err).isEmpty();
    assertThat(status).isEqualTo(ExitCode.OK);
    assertThat(out).contains("40 entries").contains("nothing is damaged");
  }

  @Test
  void verify_flippedByte_namesFileOffsetAndIndex() throws Exception {
    Path first = damage();

    int status = walnut("verify", log);

    assertThat(status).isEqualTo(ExitCode.DAMAGE);
    assertThat(out)
        .contains("corrupt: " + first + " at offset ")
        .contains("may concern indexes 3 to 3");
  }

  @Test
  void verify_json_isOneObject() throws Exception {
    Path first = damage();

    int status = walnut("verify", log, "--json");

    JsonNode root = new ObjectMapper().readTree(out);
    assertThat(status).isEqualTo(ExitCode.DAMAGE);
    assertThat(root.get("intact").asBoolean()).isFalse();
    assertThat(root.get("entriesFound").asLong()).isEqualTo(ENTRIES - 1);
    assertThat(root.get("bytesRead").asLong()).isPositive();
    JsonNode damage = root.get("damages").get(0);
    assertThat(damage.get("file").asText()).isEqualTo(first.toString());
    assertThat(damage.get("kind").asText()).isEqualTo("corrupt");
    assertThat(damage.get("firstIndex").asLong()).isEqualTo(3);
  }

  @Test
  void verify_noLog_saysSo() {
    assertThat(walnut("verify", base)).isEqualTo(ExitCode.FAILED);
    assertThat(err).contains("there is no log");
    assertThat(walnut("salvage", base)).isEqualTo(ExitCode.FAILED);
    assertThat(err).contains("there is no log");
  }

  // ---- salvage

  @Test
  void salvage_wholeLog_hasNothingToDo() {
    assertThat(walnut("salvage", log, "--apply")).isEqualTo(ExitCode.OK);
    assertThat(out).contains("nothing to salvage");
  }

  @Test
  void salvage_withoutApply_tellsAndChangesNothing() throws Exception {
    Path first = damage();
    byte[] before = Files.readAllBytes(first);

    int status = walnut("salvage", log);

    assertThat(status).isEqualTo(ExitCode.DAMAGE);
    assertThat(out)
        .contains("would be kept: 39 entries")
        .contains("missing indexes: 1: 3")
        .contains("nothing was changed; --apply does it");
    assertThat(first).hasBinaryContent(before);
  }

  @Test
  void salvage_apply_makesALogThatOpens_andNamesTheQuarantine() throws Exception {
    Path first = damage();
    byte[] before = Files.readAllBytes(first);

    int status = walnut("salvage", log, "--apply", "--json");

    JsonNode root = new ObjectMapper().readTree(out);
    assertThat(status).isEqualTo(ExitCode.OK);
    assertThat(root.get("applied").asBoolean()).isTrue();
    assertThat(root.get("entries").asLong()).isEqualTo(ENTRIES - 1);
    assertThat(root.get("tombstones").asLong()).isEqualTo(1);
    assertThat(root.get("missing").get(0).get("first").asLong()).isEqualTo(3);
    Path quarantine = Path.of(root.get("quarantine").asText());
    assertThat(quarantine.resolve("segment_0")).hasBinaryContent(before);
    try (Wal wal = Wal.open(log)) {
      assertThat(wal.size()).isEqualTo(ENTRIES - 1);
      assertThat(wal.get(7).orElseThrow().isTombstone()).isTrue();
      assertThat(wal.append("next", new byte[1])).isEqualTo(ENTRIES + 1);
    }
    assertThat(walnut("verify", log)).isEqualTo(ExitCode.OK);
  }

  @Test
  void salvage_openLog_isRefused() throws Exception {
    damage();
    Path other = base.resolve("open");
    try (Wal wal = Wal.open(other)) {
      wal.append("k", new byte[1]);

      assertThat(walnut("salvage", other, "--apply")).isEqualTo(ExitCode.FAILED);

      assertThat(err).contains("open elsewhere");
    }
  }

  @Test
  void verifyAndSalvage_help_tellsAllThatIsNeeded() {
    assertThat(walnut("verify", "--help")).isEqualTo(ExitCode.OK);
    assertThat(out).contains("--prefix").contains("--json").contains("it is damaged");
    assertThat(walnut("salvage", "--help")).isEqualTo(ExitCode.OK);
    assertThat(out).contains("--apply").contains("run it again").contains("Exit status:");
  }

  @Test
  void inspecting_anOpenLog_takesNoLockAndChangesNothing() throws Exception {
    try (Wal wal = Wal.open(log)) {
      wal.append("late", new byte[10]);

      assertThat(walnut("stat", log)).isEqualTo(ExitCode.OK);
      assertThat(walnut("dump", log)).isEqualTo(ExitCode.OK);

      assertThat(out).contains("\"late\"");
      wal.append("later", new byte[10]);
    }
  }

  @Test
  void noCommand_isRefusedWithUsage() {
    assertThat(walnut()).isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("Name a command").contains("demo");
  }

  @Test
  void help_namesTheExitCodes() {
    assertThat(walnut("--help")).isEqualTo(ExitCode.OK);
    assertThat(out).contains("Exit status:").contains("damage or a broken promise was found");
    assertThat(out).doesNotContain("demo-writer");
  }
}
