package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.KillByStrace.Life;
import dev.walnut.KillByStrace.Point;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.NativeBody;
import dev.walnut.internal.platform.Strace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts of {@link KillAtEveryCallTest} in a process of their own, which is killed at every
 * system call that changes a file. The other back end opens what is left.
 *
 * <p>{@code -Dwalnut.soak=true} takes all calls of all scripts; with {@code
 * -Dwalnut.soak.seconds=N} too, as many as fit into that time, in an order that {@code
 * -Dwalnut.soak.seed=N} chooses. Else it is a handful.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class KillAtEverySystemCallTest {
  private static final boolean ALL = Boolean.getBoolean("walnut.soak");
  private static final long SEED = Long.getLong("walnut.soak.seed", 48);
  private static final long SECONDS = Long.getLong("walnut.soak.seconds", Long.MAX_VALUE);
  private static final int HANDFUL = 3;

  @TempDir Path base;

  private final long startedNanos = System.nanoTime();
  private Path dir;
  private KillByStrace strace;
  private int kills;
  private int unreached;
  private int states;

  @BeforeEach
  void findStrace() throws Exception {
    Strace.required();
    NativeBody.required();
    dir = base.toRealPath().resolve("killed").resolve("log");
    strace = new KillByStrace(dir, SEED);
  }

  private boolean inTime() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos) < SECONDS;
  }

  @Test
  void fault01_scriptKilledAtAnySystemCall_isAPrefixWithAllThatWasAcknowledged() throws Exception {
    Random random = new Random(SEED);
    List<Point> points = new ArrayList<>();
    for (KillScript script : ALL ? KillScript.values() : new KillScript[] {KillScript.ENDS}) {
      for (Backend backend : new Backend[] {Backend.NATIVE, Backend.JAVA}) {
        SyncedFiles.restore(new TreeMap<>(), dir.getParent());
        points.addAll(strace.points(script, backend, base.resolve("trace")));
      }
    }
    Collections.shuffle(points, random);
    List<Point> chosen = ALL ? points : points.subList(0, HANDFUL);

    for (int i = 0; i < chosen.size() && inTime(); i++) {
      killAt(chosen.get(i), random.nextInt(1 << 20));
    }

    System.out.printf(
        "killed at system calls: %d kills (of %d points, %d not met), %d states checked,"
            + " each as the promises allow, -Dwalnut.soak.seed=%d%n",
        kills, points.size(), unreached, states, SEED);
    assertThat(kills).isPositive();
  }

  private void killAt(Point point, long seed) throws Exception {
    SyncedFiles.restore(new TreeMap<>(), dir.getParent());
    KillRun known = knownRun(point.script());
    Life life = strace.kill(point);
    kills += life.killed() ? 1 : 0;
    unreached += life.killed() ? 0 : 1;
    states++;
    Disk other = point.backend() == Backend.NATIVE ? Disks.java() : NativeBody.required();
    int attempted = known.attemptedIn(life.acts());
    try {
      new KillCheck(other, dir, point.script())
          .assertOneOf(known.states.allowed(life.acknowledged(), attempted), seed);
      if (known.states.copied != null) {
        KillCopyCheck.assertWholeOrRefused(
            KillCopyCheck.besides(dir), known.states.copied, /* finished= */ false);
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionError(point + ", " + life + ", -Dwalnut.soak.seed=" + SEED, e);
    }
  }

  /** The same script, run to its end here. */
  private KillRun knownRun(KillScript script) throws Exception {
    Path elsewhere = base.resolve("known");
    SyncedFiles.restore(new TreeMap<>(), elsewhere);
    KillRun run = new KillRun(Disks.java(), elsewhere.resolve("log"), SEED);
    run.run(script);
    return run;
  }
}
