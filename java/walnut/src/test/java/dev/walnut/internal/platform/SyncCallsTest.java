package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said to be durable was synced: the calls of the system are counted from outside. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SyncCallsTest {
  private static final Pattern PHASE =
      Pattern.compile("mkdir(?:at)?\\(.*\"[^\"]*/phase-([^\"]+)\"");

  /** A sync, or a write that is durable when it returns; with -y the file stands in brackets. */
  private static final Pattern DURABLE =
      Pattern.compile("(?:(?:fsync|fdatasync)\\(\\d+<|pwritev2\\(\\d+<(?=.*RWF_DSYNC))([^>]*)>");

  @TempDir Path temporary;

  private Path path;

  @BeforeEach
  void findStrace() throws Exception {
    Strace.required();
    path = Files.createDirectory(temporary.resolve("work")).toRealPath();
  }

  @ParameterizedTest
  @ValueSource(strings = {"native", "java"})
  void syncs_underStrace_areAtLeastThoseCounted(String body) throws Exception {
    if (body.equals("native")) {
      NativeBody.required();
    }
    Path trace = temporary.resolve("trace");

    ChildJvm.Ended child =
        new ChildJvm()
            .under("strace", "-f", "-y", "-o", trace.toString())
            .under("-e", "trace=?mkdir,mkdirat,fsync,fdatasync,pwritev2")
            .option("--enable-native-access=ALL-UNNAMED")
            .run(SyncCallsChild.class, body, path.toString());

    assertThat(child.status()).as(child.errors()).isZero();
    Map<String, List<String>> synced = filesSynced(trace);
    String file = path.resolve("file").toString();
    assertThat(synced.get("plain-writes")).isEmpty();
    for (String phase : List.of("file-writes", "range-writes", "file-syncs")) {
      assertThat(synced.get(phase)).as(phase).hasSize(SyncCallsChild.CALLS).containsOnly(file);
    }
    assertThat(synced.get("directory-syncs"))
        .hasSize(SyncCallsChild.CALLS)
        .containsOnly(path.toString());
    assertLogSynced(child.output().strip().split(" "), synced.get("log"));
  }

  /** Every write was waited for, so each has a sync of its own; so has the name of each segment. */
  private void assertLogSynced(String[] syncsAndRotations, List<String> synced) {
    String log = path.resolve("log").toString();
    int rotations = Integer.parseInt(syncsAndRotations[1]);
    long ofSegments = synced.stream().filter(name -> name.startsWith(log + "/segment_")).count();
    long ofNames = synced.stream().filter(log::equals).count();

    assertThat(rotations).isEqualTo(SyncCallsChild.WRITES / SyncCallsChild.SEGMENT_ENTRIES - 1);
    assertThat(ofSegments).isGreaterThanOrEqualTo(SyncCallsChild.WRITES);
    assertThat(ofNames).isGreaterThanOrEqualTo(rotations);
    assertThat(synced).hasSizeGreaterThanOrEqualTo(Integer.parseInt(syncsAndRotations[0]));
  }

  /** The files and directories that were synced, call by call, by phase. */
  private static Map<String, List<String>> filesSynced(Path trace) throws IOException {
    Map<String, List<String>> phases = new HashMap<>();
    List<String> current = new ArrayList<>();
    for (String line : Files.readAllLines(trace)) {
      Matcher phase = PHASE.matcher(line);
      Matcher durable = DURABLE.matcher(line);
      if (phase.find()) {
        current = phases.computeIfAbsent(phase.group(1), name -> new ArrayList<>());
      } else if (durable.find() && !line.contains(" = -1 ")) {
        current.add(durable.group(1));
      }
    }
    return phases;
  }
}
