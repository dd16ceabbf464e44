package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random calls of the whole API against a model. The log is closed and opened, or left as a killed
 * process leaves it, every hundred of them or so, and the back ends take turns.
 *
 * <p>The first seed is {@code -Dwalnut.model.seed=N}; {@code -Dwalnut.soak=true} takes more. A
 * failure names the seed it came from, and what was done last.
 */
@Timeout(1200)
class ModelTest {
  private static final long SEED = Long.getLong("walnut.model.seed", 2026);
  private static final int RUNS = Boolean.getBoolean("walnut.soak") ? 100 : 2;
  private static final int CALLS = 2_600;

  @TempDir Path base;

  static List<Arguments> logs() {
    List<Arguments> logs = new ArrayList<>();
    for (Backend backend : new Backend[] {Backend.JAVA, Backend.NATIVE}) {
      for (IndexOrder order : IndexOrder.values()) {
        for (int run = 0; run < RUNS; run++) {
          logs.add(Arguments.of(backend, order, SEED + run));
        }
      }
    }
    return logs;
  }

  private ModelRun run;
  private ModelWrites writes;
  private ModelTruncations truncations;
  private ModelRefusals refusals;
  private ModelChecks checks;
  private ModelCursors cursors;
  private ModelReaders readers;
  private ModelLives lives;

  @ParameterizedTest
  @MethodSource("logs")
  void log_randomCalls_agreesWithAModel(Backend first, IndexOrder order, long seed)
      throws IOException {
    assertThat(NativeBody.required().name()).isEqualTo("native");
    begin(first, order, seed);
    int call = 0;
    try (LoggedWarnings warnings = new LoggedWarnings()) {
      lives.open();
      for (; call < CALLS; call++) {
        callOnce();
        if (run.segments.isBarelyStarted()) {
          writes.append();
        }
        checks.invariants();
      }
      checks.everything();
      assertThat(warnings.messages())
          .as("of retention alone")
          .allMatch(m -> m.contains("deleted "));
    } catch (Throwable t) {
      throw new AssertionError(
          first
              + " first, "
              + order
              + ", -Dwalnut.model.seed="
              + seed
              + ", call "
              + call
              + ", done last:\n"
              + run.said(),
          t);
    } finally {
      readers.close();
      if (run.wal != null) {
        run.wal.close();
      }
    }
    assertThat(lives.count).isGreaterThan(10);
    assertThat(truncations.count).isGreaterThan(50);
    assertThat(run.segments.taken).as("by retention").isGreaterThan(20);
  }

  private void begin(Backend first, IndexOrder order, long seed) {
    run = new ModelRun(new Random(seed), order, base);
    writes = new ModelWrites(run);
    truncations = new ModelTruncations(run);
    refusals = new ModelRefusals(run);
    checks = new ModelChecks(run);
    cursors = new ModelCursors(run);
    readers = new ModelReaders(run, checks);
    lives = new ModelLives(run, checks, cursors, readers, first);
  }

  private void callOnce() throws IOException {
    int choice = run.random.nextInt(1000);
    if (choice < 380) {
      write(choice);
    } else if (choice < 480) {
      takeAway(choice);
    } else {
      read(choice);
    }
  }

  private void write(int choice) throws IOException {
    if (choice < 100) {
      writes.write();
    } else if (choice < 160) {
      writes.append();
    } else if (choice < 210) {
      writes.writeBatch();
    } else if (choice < 250) {
      writes.appendBatch();
    } else if (choice < 330) {
      writes.async();
    } else {
      writes.tombstone();
    }
  }

  private void takeAway(int choice) throws IOException {
    if (choice < 395) {
      truncations.truncateBefore();
    } else if (choice < 415) {
      truncations.truncateAfter();
    } else if (choice < 418) {
      truncations.reset();
    } else if (choice < 440) {
      truncations.hold();
    } else {
      refusals.one();
    }
  }

  private void read(int choice) throws IOException {
    if (choice < 580) {
      checks.get();
    } else if (choice < 620) {
      checks.sync();
    } else if (choice < 625) {
      checks.everything();
    } else if (choice < 685) {
      cursors.open();
    } else if (choice < 760) {
      cursors.read();
    } else if (choice < 880) {
      cursors.look();
    } else if (choice < 985) {
      readers.follow();
    } else if (choice < 990) {
      readers.fresh();
    } else {
      lives.reopen();
    }
  }
}
