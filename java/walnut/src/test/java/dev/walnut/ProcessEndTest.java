package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.NativeBody;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** However a process ends, the next one finds what was acknowledged, with the other back end. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ProcessEndTest {
  private static final int KILL_AFTER = 1000;

  @TempDir Path base;

  @BeforeEach
  void requireNative() throws IOException {
    NativeBody.required();
  }

  @ParameterizedTest
  @CsvSource({"exit, NATIVE", "exit, JAVA", "halt, NATIVE", "halt, JAVA"})
  void fault40_exitAndHaltWithoutClose_acknowledgedAreThere(String way, Backend backend)
      throws Exception {
    ChildJvm.Ended child = child().run(ProcessEndChild.class, way, backend.name(), base.toString());

    assertThat(child.status()).as(child.errors()).isZero();
    assertThat(child.output().lines())
        .containsExactly(
            "NONE " + ProcessEndChild.LEFT_ENTRIES, "BATCH " + ProcessEndChild.LEFT_ENTRIES);
    for (SyncMode mode : new SyncMode[] {SyncMode.NONE, SyncMode.BATCH}) {
      long last = assertWhole(base.resolve(mode.name()), other(backend));

      assertThat(last)
          .isBetween(ProcessEndChild.LEFT_ENTRIES + 0L, ProcessEndChild.LEFT_ENTRIES + 1L);
    }
  }

  /** Two lives, one on each back end; the second goes on where the first was killed. */
  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "JAVA"})
  void fault01_sigkillWhileWriting_keepsAcknowledgedAndWholeBatches(Backend first)
      throws Exception {
    Path dir = base.resolve("log");

    long acknowledged = writeAndKill(first, dir, KILL_AFTER);
    long recovered = assertWhole(dir, other(first));
    long acknowledgedLater = writeAndKill(other(first), dir, recovered + KILL_AFTER);
    long recoveredLater = assertWhole(dir, first);

    assertThat(recovered).isGreaterThanOrEqualTo(acknowledged);
    assertThat(recoveredLater).isGreaterThanOrEqualTo(acknowledgedLater);
  }

  /** Kills the child once it has had an index acknowledged; returns the last that it told of. */
  private static long writeAndKill(Backend backend, Path dir, long index) throws Exception {
    Process process =
        child().start(ProcessEndChild.class, "killed", backend.name(), dir.toString());
    long acknowledged = 0;
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        // A line that the kill has cut short tells of a smaller index.
        acknowledged = Math.max(acknowledged, Long.parseLong(line));
        if (acknowledged >= index) {
          process.toHandle().destroyForcibly(); // closes no stream: what was told is still read
        }
      }
    } finally {
      process.destroyForcibly();
    }

    assertThat(process.waitFor()).as("killed, not ended").isEqualTo(128 + 9);
    assertThat(acknowledged).isGreaterThanOrEqualTo(index);
    return acknowledged;
  }

  /**
   * Opens the log with no help, looks at all of it and returns its last index. Opened once more it
   * is the same.
   */
  private static long assertWhole(Path dir, Backend backend) throws IOException {
    long last;
    try (Wal wal = Wal.open(ProcessEndChild.config(dir, backend, SyncMode.BATCH))) {
      assertThat(wal.stats().backend()).isEqualToIgnoringCase(backend.name());
      last = wal.lastIndex();
      assertHolds(wal, last);
    }
    try (Wal wal = Wal.open(ProcessEndChild.config(dir, backend, SyncMode.BATCH))) {
      assertHolds(wal, last);
    }
    return last;
  }

  /** Entries 1 to the last, each with its bytes; what ends within a write batch is not whole. */
  private static void assertHolds(Wal wal, long last) throws IOException {
    long next = 1;
    for (WalEntry entry : wal) {
      assertThat(entry.index()).isEqualTo(next);
      assertThat(entry.value()).isEqualTo(ProcessEndChild.value(next));
      next++;
    }
    assertThat(next - 1).isEqualTo(last).isEqualTo(wal.lastIndex());
    assertThat(ProcessEndChild.endsWhole(last)).as("last index %d", last).isTrue();
  }

  private static Backend other(Backend backend) {
    return backend == Backend.NATIVE ? Backend.JAVA : Backend.NATIVE;
  }

  private static ChildJvm child() {
    return new ChildJvm().option("--enable-native-access=ALL-UNNAMED");
  }
}
