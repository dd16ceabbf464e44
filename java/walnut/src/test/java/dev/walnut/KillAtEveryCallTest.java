package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.KillStates.State;
import dev.walnut.StoppingDisk.Moment;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scripts over the whole API that are stopped at every call of the platform contract. What the kill
 * leaves, and what a power cut at that moment leaves, is opened and compared with what was
 * attempted and acknowledged.
 *
 * <p>All of it runs with {@code -Dwalnut.soak=true}; else a part that {@code -Dwalnut.soak.seed=N}
 * chooses.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class KillAtEveryCallTest {
  private static final boolean ALL = Boolean.getBoolean("walnut.soak");
  private static final long SEED = Long.getLong("walnut.soak.seed", 48);

  /** Of so many calls, one is taken, and of so many recoveries, one is stopped in its turn. */
  private static final int STRIDE = ALL ? 1 : 8;

  private static final int RECOVERY_STRIDE = ALL ? 10 : 150;

  private static final Logger LOGGER = Logger.getLogger("dev.walnut");

  private static int wrong;
  private static int stops;
  private static int states;
  private static int recoveriesStopped;

  @TempDir(factory = InMemoryFiles.class)
  Path base;

  static List<Arguments> scripts() {
    List<Arguments> scripts = new ArrayList<>();
    for (Backend body : new Backend[] {Backend.JAVA, Backend.NATIVE}) {
      for (KillScript script : KillScript.values()) {
        scripts.add(Arguments.of(body, script));
      }
    }
    return scripts;
  }

  /** Whatever is logged here, of deletions and interrupted salvages, is as it should be. */
  @BeforeAll
  static void silence() {
    LOGGER.setLevel(Level.SEVERE);
  }

  @AfterAll
  static void tell() {
    System.out.printf(
        "stopped in process: %d stops, %d states checked, %d recoveries stopped,"
            + " %d states wrong or without an acknowledged entry%n",
        stops, states, recoveriesStopped, wrong);
    LOGGER.setLevel(null);
  }

  private static Disk disk(Backend body) throws IOException {
    return body == Backend.NATIVE ? NativeBody.required() : Disks.java();
  }

  private Path dir(String name) {
    return base.resolve(name).resolve("log");
  }

  private StoppingDisk stopping(Disk below, String name, int stopAt, Moment moment, int bytes) {
    return new StoppingDisk(below, base.resolve(name), stopAt, moment, bytes);
  }

  /** The run that nothing stops tells all states, and how many calls it takes. */
  private KillRun wholeRun(StoppingDisk disk, String name, KillScript script) throws IOException {
    SyncedFiles.restore(new TreeMap<>(), base.resolve(name));
    KillRun run = new KillRun(disk.disk(), dir(name), SEED);
    run.run(script);
    assertThat(run.acknowledged).isEqualTo(run.states.number());
    return run;
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void fault01_fault02_scriptStoppedAtAnyCall_isAPrefixWithAllThatWasAcknowledged(
      Backend body, KillScript script) throws IOException {
    Disk below = disk(body);
    StoppingDisk whole = stopping(below, "run", StoppingDisk.NEVER, Moment.BEFORE, 0);
    KillStates known = wholeRun(whole, "run", script).states;
    Random random = new Random(SEED);

    int first = 1 + random.nextInt(STRIDE);
    for (int stopAt = first; stopAt <= whole.calls(); stopAt += STRIDE) {
      for (Moment moment : ALL ? Moment.values() : oneOf(random)) {
        stopAt(below, script, known, stopAt, moment, random);
      }
    }
  }

  private static Moment[] oneOf(Random random) {
    return new Moment[] {Moment.values()[random.nextInt(Moment.values().length)]};
  }

  private void stopAt(
      Disk below, KillScript script, KillStates known, int stopAt, Moment moment, Random random)
      throws IOException {
    StoppingDisk disk = stopping(below, "run", stopAt, moment, 1 + random.nextInt(150));
    SyncedFiles.restore(new TreeMap<>(), base.resolve("run"));
    KillRun run = new KillRun(disk.disk(), dir("run"), SEED);
    boolean ended = endsEarly(run, script);
    stops++;
    String when = script + " stopped " + disk + ", -Dwalnut.soak.seed=" + SEED;
    assertThat(disk.isStopped()).as(when).isTrue();
    assertThat(ended || run.acknowledged == known.number()).as(when + ": went on").isTrue();

    int attempted = run.states.number();
    List<State> written = known.allowed(run.acknowledged, attempted);
    List<State> durable = known.allowed(run.durable, attempted);
    SyncedFiles files = disk.files();
    boolean copied = run.states.copied != null;
    check(script, below, files.killed(), written, when + ", killed", random);
    checkCopy(known, copied, when + ", killed");
    check(script, below, files.cut(), durable, when + ", power cut", random);
    checkCopy(known, copied, when + ", power cut");
    check(script, below, files.mixed(random), durable, when + ", power cut, some written", random);
    checkCopy(known, copied, when + ", power cut, some written");
  }

  private static boolean endsEarly(KillRun run, KillScript script) {
    try {
      run.run(script);
      return false;
    } catch (IOException e) {
      return true; // as planned
    }
  }

  private void check(
      KillScript script,
      Disk below,
      TreeMap<String, byte[]> files,
      List<State> allowed,
      String when,
      Random random)
      throws IOException {
    states++;
    long seed = random.nextInt(1 << 20);
    Disk quick = stopping(below, "left", StoppingDisk.NEVER, Moment.BEFORE, 0).disk();
    SyncedFiles.restore(files, base.resolve("left"));
    State found;
    try {
      found = new KillCheck(quick, dir("left"), script).assertOneOf(allowed, seed);
    } catch (IOException | RuntimeException | AssertionError e) {
      wrong++;
      throw new AssertionError(when + ", " + allowed.size() + " states allowed", e);
    }
    if (random.nextInt(RECOVERY_STRIDE) == 0) {
      stopRecovery(script, below, files, found, when, random);
    }
  }

  private void checkCopy(KillStates known, boolean finished, String when) throws IOException {
    State whole = known.copied;
    if (whole == null) {
      return;
    }
    try {
      KillCopyCheck.assertWholeOrRefused(KillCopyCheck.besides(dir("left")), whole, finished);
    } catch (IOException | RuntimeException | AssertionError e) {
      wrong++;
      throw new AssertionError(when, e);
    }
  }

  /** Opening is stopped at every call in its turn; whatever that leaves opens to the same log. */
  private void stopRecovery(
      KillScript script,
      Disk below,
      TreeMap<String, byte[]> files,
      State found,
      String when,
      Random random)
      throws IOException {
    boolean stopped = true;
    for (int stopAt = 1; stopped; stopAt++) {
      Moment moment = oneOf(random)[0];
      SyncedFiles.restore(files, base.resolve("left"));
      StoppingDisk disk = stopping(below, "left", stopAt, moment, 1 + random.nextInt(150));
      stopped = isStopped(script, disk, random.nextInt(1 << 20));
      recoveriesStopped++;
      for (TreeMap<String, byte[]> left : someOf(disk.files(), random)) {
        states++;
        SyncedFiles.restore(left, base.resolve("left"));
        Disk quick = stopping(below, "left", StoppingDisk.NEVER, Moment.BEFORE, 0).disk();
        try {
          new KillCheck(quick, dir("left"), script)
              .assertOneOf(List.of(found), random.nextInt(1 << 20));
        } catch (IOException | RuntimeException | AssertionError e) {
          wrong++;
          throw new AssertionError(when + "; recovery stopped " + disk, e);
        }
      }
    }
  }

  private static List<TreeMap<String, byte[]>> someOf(SyncedFiles files, Random random)
      throws IOException {
    List<TreeMap<String, byte[]>> left = List.of(files.killed(), files.cut(), files.mixed(random));
    return ALL ? left : List.of(left.get(random.nextInt(left.size())));
  }

  /** Recovers by what it takes, salvage included, until the disk stops it. */
  private boolean isStopped(KillScript script, StoppingDisk disk, long seed) {
    try {
      new KillCheck(disk.disk(), dir("left"), script).recover(seed);
    } catch (IOException e) {
      // as planned, or it was closed behind the end
    }
    return disk.isStopped();
  }
}
