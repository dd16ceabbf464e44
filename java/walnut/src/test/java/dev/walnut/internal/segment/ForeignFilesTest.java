package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What lies around a log and is not of it is neither read nor touched, and nothing waits for it.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForeignFilesTest {
  @TempDir Path base;

  private static void makeFifo(Path file) throws IOException, InterruptedException {
    Process made;
    try {
      made = new ProcessBuilder("mkfifo", file.toString()).inheritIO().start();
    } catch (IOException e) {
      Assumptions.abort("not run: no mkfifo here: " + e.getMessage());
      return;
    }
    assertThat(made.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(made.exitValue()).isZero();
  }

  private static TreeMap<Long, String> write(Body body, Path dir) throws IOException {
    SmallLog log = SmallLog.plain(body.disk(), dir).durable(3).rotate().chores().durable(3);
    return log.rotate().chores().durable(3).close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault26_foreignFilesOfEveryKind_areLeftAlone(Body body) throws Exception {
    Path dir = base.resolve("log");
    TreeMap<Long, String> entries = write(body, dir);
    Path elsewhere = Files.write(base.resolve("elsewhere"), new byte[8192]);
    Files.createDirectory(dir.resolve("segment_17"));
    Files.writeString(dir.resolve("segment_17").resolve("segment_0"), "inside");
    Files.createSymbolicLink(dir.resolve("segment_18"), dir.resolve("segment_0"));
    Files.createSymbolicLink(dir.resolve("segment_19"), elsewhere);
    Files.createSymbolicLink(dir.resolve("segment_20"), base.resolve("nowhere"));
    makeFifo(dir.resolve("segment_21"));
    List<String> names =
        List.of(
            "segment_01",
            "segment_2~",
            "segment_3.tmp",
            ".segment_3.swp",
            "#segment_3#",
            "segment_",
            "segment_-1",
            "segment_+3",
            "segment_2147483647",
            "segment_99999999999",
            "segment_cut_1",
            "Segment_3",
            "segment_\u0663",
            "other_0");
    for (String name : names) {
      Files.writeString(dir.resolve(name), "not ours: " + name);
    }
    TreeMap<String, String> foreign = LogFiles.digest(dir);
    foreign.keySet().retainAll(names);

    for (boolean first : new boolean[] {true, false}) {
      SegmentStore store = first ? SmallLog.open(body.disk(), dir) : reopened(body, dir);
      assertThat(StoreFixture.read(store)).isEqualTo(entries);
      assertThat(store.recovery().removed()).isEmpty();
      assertThat(store.recovery().cutBytes()).isZero();
      store.close();
    }

    TreeMap<String, String> after = LogFiles.digest(dir);
    after.keySet().removeIf(name -> name.matches("segment_[0-2]"));
    assertThat(after).isEqualTo(foreign).hasSize(names.size());
    assertThat(dir.resolve("segment_17").resolve("segment_0")).hasContent("inside");
    assertThat(dir.resolve("segment_18")).isSymbolicLink();
    assertThat(dir.resolve("segment_19")).isSymbolicLink();
    assertThat(dir.resolve("segment_20")).isSymbolicLink();
    assertThat(Files.exists(dir.resolve("segment_21"))).isTrue();
    assertThat(elsewhere).hasBinaryContent(new byte[8192]);
    assertThat(base.resolve("nowhere")).doesNotExist();
  }

  private static SegmentStore reopened(Body body, Path dir) throws IOException {
    assertThat(UnsafeRecovery.run(StoreFixture.environment(body.disk(), 3), dir, "segment_"))
        .isEmpty();
    return SmallLog.openFully(body.disk(), dir);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault26_lockFileThatIsAFifo_isRefusedWithoutWaiting_andNothingChanges(Body body)
      throws Exception {
    Path dir = base.resolve("log");
    write(body, dir);
    Files.deleteIfExists(dir.resolve("segment_lock"));
    makeFifo(dir.resolve("segment_lock"));
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> SmallLog.open(body.disk(), dir))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("segment_lock");

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault26_lockFileThatIsALink_isRefused_andNothingChanges(Body body) throws Exception {
    Path dir = base.resolve("log");
    write(body, dir);
    Files.deleteIfExists(dir.resolve("segment_lock"));
    Files.createSymbolicLink(dir.resolve("segment_lock"), base.resolve("nowhere"));
    TreeMap<String, String> before = LogFiles.digest(dir);

    assertThatThrownBy(() -> SmallLog.open(body.disk(), dir))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("segment_lock");

    assertThat(LogFiles.digest(dir)).isEqualTo(before);
    assertThat(base.resolve("nowhere")).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault26_nextSegmentsNameTakenByADirectory_failsTheRotationAlone(Body body) throws Exception {
    Path dir = base.resolve("log");
    TreeMap<Long, String> entries = write(body, dir);
    Files.createDirectory(dir.resolve("segment_3"));
    SegmentStore store = SmallLog.open(body.disk(), dir);

    assertThatThrownBy(store::rotate)
        .isInstanceOf(NoSegmentException.class)
        .hasMessageContaining("segment_3");

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    store.close();
    assertThat(dir.resolve("segment_3")).isDirectory();
    SegmentStore again = SmallLog.open(body.disk(), dir);
    assertThat(StoreFixture.read(again)).isEqualTo(entries);
    again.close();
  }
}
