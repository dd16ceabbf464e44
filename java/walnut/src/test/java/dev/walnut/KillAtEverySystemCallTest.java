package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.KillByStrace.Life;
import dev.walnut.KillByStrace.Point;
import dev.walnut.KillStates.State;
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
 * system call that changes a file. The other back end opens what is left. So is a process that
 * recovers what such a kill has left, and one that recovers what was left of that.
 *
 * <p>{@code -Dwalnut.soak=true} takes all calls of all scripts; with {@code
 * -Dwalnut.soak.seconds=N} too, as many as fit into that time, in an order that {@code
 * -Dwalnut.soak.seed=N} chooses. Else it is a handful. Of the recoveries one call each is chosen,
 * and all calls of some if there is no limit in time.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class KillAtEverySystemCallTest {
  private static final boolean ALL = Boolean.getBoolean("walnut.soak");
  private static final long SEED = Long.getLong("walnut.soak.seed", 48);
  private static final long SECONDS = Long.getLong("walnut.soak.seconds", Long.MAX_VALUE);
  private static final int HANDFUL = 3;

  /** A recovery is killed, and then that of what it left. */
  private static final int RECOVERIES_KILLED = 2;

  /** Of so many kills, one is followed by kills of its recovery. */
  private static final int RECOVERY_STRIDE = 3;

  /** Of so many of those, one is killed at all calls of its recovery. */
  private static final int WHOLE_RECOVERY_STRIDE = 20;

  @TempDir Path base;

  private final long startedNanos = System.nanoTime();
  private Path dir;
  private KillByStrace strace;
  private int kills;
  private int unreached;
  private int recoveriesKilled;
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
  void fault01_fault46_scriptKilledAtAnySystemCall_isAPrefixWithAllThatWasAcknowledged()
      throws Exception {
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
      killAt(chosen.get(i), i % RECOVERY_STRIDE == 0, random);
    }

    System.out.printf(
        "killed at system calls: %d kills (of %d points, %d not met), %d kills of recoveries,"
            + " %d states checked, each as the promises allow, -Dwalnut.soak.seed=%d%n",
        kills, points.size(), unreached, recoveriesKilled, states, SEED);
    assertThat(kills).isPositive();
    assertThat(recoveriesKilled).isPositive();
  }

  private void killAt(Point point, boolean recoveryToo, Random random) throws Exception {
    SyncedFiles.restore(new TreeMap<>(), dir.getParent());
    KillRun known = knownRun(point.script());
    Life life = strace.kill(point);
    count(life);
    TreeMap<String, byte[]> left = files();
    int attempted = known.attemptedIn(life.acts());
    String when = point + ", " + life;
    State found = check(point, known.states.allowed(life.acknowledged(), attempted), when, random);
    checkCopy(known, when);
    if (recoveryToo) {
      killRecovery(point, left, found, when, RECOVERIES_KILLED, random);
    }
  }

  private void count(Life life) {
    kills += life.killed() ? 1 : 0;
    unreached += life.killed() ? 0 : 1;
  }

  /** Whatever a killed recovery leaves opens to the same log. */
  private void killRecovery(
      Point point,
      TreeMap<String, byte[]> left,
      State found,
      String when,
      int recoveries,
      Random random)
      throws Exception {
    SyncedFiles.restore(left, dir.getParent());
    Backend backend = random.nextBoolean() ? Backend.NATIVE : Backend.JAVA;
    List<Point> points =
        strace.pointsOfRecovery(point.script(), backend, base.resolve("trace of recovery"));
    boolean whole = ALL && SECONDS == Long.MAX_VALUE && random.nextInt(WHOLE_RECOVERY_STRIDE) == 0;
    for (Point next : whole ? points : List.of(points.get(random.nextInt(points.size())))) {
      SyncedFiles.restore(left, dir.getParent());
      recoveriesKilled += strace.kill(next).killed() ? 1 : 0;
      TreeMap<String, byte[]> leftNext = files();
      String whenNext = when + "; recovery killed at " + next;
      check(next, List.of(found), whenNext, random);
      if (recoveries > 1) {
        killRecovery(next, leftNext, found, whenNext, recoveries - 1, random);
      }
    }
  }

  private TreeMap<String, byte[]> files() throws Exception {
    return new SyncedFiles(Disks.java(), dir.getParent()).killed();
  }

  /** Opens what is left with the back end that did not write it. */
  private State check(Point point, List<State> allowed, String when, Random random)
      throws Exception {
    states++;
    Disk other = point.backend() == Backend.NATIVE ? Disks.java() : NativeBody.required();
    try {
      return new KillCheck(other, dir, point.script())
          .assertOneOf(allowed, random.nextInt(1 << 20));
    } catch (Exception | AssertionError e) {
      throw new AssertionError(when + ", -Dwalnut.soak.seed=" + SEED, e);
    }
  }

  private void checkCopy(KillRun known, String when) throws Exception {
    if (known.states.copied == null) {
      return;
    }
    try {
      KillCopyCheck.assertWholeOrRefused(
          KillCopyCheck.besides(dir), known.states.copied, /* finished= */ false);
    } catch (Exception | AssertionError e) {
      throw new AssertionError(when + ", -Dwalnut.soak.seed=" + SEED, e);
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
