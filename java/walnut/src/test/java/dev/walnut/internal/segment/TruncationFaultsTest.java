package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.segment.TruncationScript.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A script of truncations that is stopped at every call: by a kill, by a power cut, by a failure of
 * that call. Afterwards each step has happened altogether or not at all, and what was taken away
 * does not come back.
 */
class TruncationFaultsTest {
  /** The files a crash leaves, and the states that may be found in them. */
  private record Crash(String when, TreeMap<String, byte[]> files, List<State> allowed) {}

  /** Held strongly: it is told of every file that does not close, and here very many do not. */
  private static final Logger QUIET = Logger.getLogger("dev.walnut");

  @TempDir Path base;

  private int logs;

  @BeforeAll
  static void beQuiet() {
    QUIET.setLevel(Level.OFF);
  }

  @AfterAll
  static void beAsBefore() {
    QUIET.setLevel(null);
  }

  static List<Arguments> scripts() {
    List<Arguments> scripts = new ArrayList<>();
    for (Body body : Body.values()) {
      scripts.add(Arguments.of(body, true));
      scripts.add(Arguments.of(body, false));
    }
    return scripts;
  }

  /** Opens what is left, looking without a lock first; returns what is there. */
  private static State open(Disk disk, Path dir, String when) throws IOException {
    TreeMap<Long, String> shown = shown(disk, dir);
    try (SegmentStore store = TruncationScript.open(disk, dir, /* ahead= */ true)) {
      State found = State.of(store);
      assertThat(found.entries()).as(when + ": as shown read-only").isEqualTo(shown);
      return found;
    } catch (IOException e) {
      throw new AssertionError(when + ": the log does not open", e);
    }
  }

  private static TreeMap<Long, String> shown(Disk disk, Path dir) throws IOException {
    try (ReadOnlyStore store =
        ReadOnlyStore.open(StoreFixture.environment(disk, 4), dir, "segment_")) {
      return StoreFixture.read(store);
    }
  }

  private static void assertRecovers(Disk disk, Path dir, Crash crash) throws IOException {
    LogFiles.restore(crash.files(), dir);

    State found = open(disk, dir, crash.when());

    assertThat(crash.allowed()).as(crash.when()).contains(found);
    try (SegmentStore store = TruncationScript.open(disk, dir, /* ahead= */ false)) {
      assertThat(State.of(store)).as(crash.when() + ", again").isEqualTo(found);
      long next = found.last() + 1;
      StoreFixture.add(store, next, "next", new byte[1]);
      store.commit(true);
      assertThat(store.lastIndex()).as(crash.when()).isEqualTo(next);
      assertThat(store.size()).as(crash.when()).isEqualTo(found.entries().size() + 1);
    }
  }

  private static List<State> allowed(TruncationScript script, int from) {
    return List.copyOf(script.states.subList(from, script.states.size()));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void fault48_killedBeforeAnyCall_eachStepIsWholeOrNotThere(Body body, boolean ahead)
      throws IOException {
    Path dir = base.resolve("log");
    Disk quick = GatedDisk.withoutSyncs(body.disk());
    TruncationScript script = new TruncationScript(ahead);
    PowerCuts cuts = new PowerCuts(body.disk(), dir);
    List<Crash> crashes = new ArrayList<>();

    script.run(
        cuts.disk(
            call ->
                crashes.add(
                    new Crash(
                        "killed before " + call,
                        cuts.current(),
                        allowed(script, script.acknowledged)))),
        dir);
    for (int i = 0; i < crashes.size(); i += body.step()) {
      assertRecovers(quick, base.resolve("killed"), crashes.get(i));
    }

    assertThat(crashes).hasSizeGreaterThan(200);
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void fault48_powerCutBeforeAnyCall_eachStepIsWholeOrNotThere(Body body, boolean ahead)
      throws IOException {
    Path dir = base.resolve("log");
    Disk quick = GatedDisk.withoutSyncs(body.disk());
    TruncationScript script = new TruncationScript(ahead);
    PowerCuts cuts = new PowerCuts(body.disk(), dir);
    Random random = new Random(48);
    List<Crash> crashes = new ArrayList<>();

    script.run(
        cuts.disk(
            call -> {
              List<State> allowed = allowed(script, script.durable);
              crashes.add(new Crash("cut before " + call, cuts.synced(), allowed));
              crashes.add(
                  new Crash("cut, and some survives, before " + call, cuts.mixed(random), allowed));
            }),
        dir);
    for (int i = 0; i < crashes.size(); i += body.step()) {
      assertRecovers(quick, base.resolve("cut"), crashes.get(i));
    }

    assertThat(crashes).hasSizeGreaterThan(400);
  }

  // ---- a call that fails

  private interface Fault {
    void plan(FaultyDisk disk, int number);
  }

  /** Runs the script with the Nth call failing, for every N, and opens what is left. */
  private int failEvery(Body body, Call call, boolean ahead, Fault fault) throws IOException {
    Disk quick = GatedDisk.withoutSyncs(body.disk());
    int refusals = 0;
    boolean reached = true;
    for (int number = 1; reached; number += body.step()) {
      Path dir = Files.createDirectories(base.resolve("log-" + logs++));
      FaultyDisk disk = new FaultyDisk(quick);
      fault.plan(disk, number);
      TruncationScript script = new TruncationScript(ahead);

      try {
        script.run(disk, dir);
      } catch (IOException e) {
        // the log has failed, as planned
      }

      Crash crash =
          new Crash(
              call + " " + number + " failed",
              LogFiles.content(dir),
              allowed(script, script.acknowledged));
      assertRecovers(quick, base.resolve("failed"), crash);
      refusals += script.refusals;
      reached = disk.count(call) >= number;
    }
    return refusals;
  }

  static List<Arguments> calls() {
    List<Arguments> calls = new ArrayList<>();
    for (Body body : Body.values()) {
      for (Call call : Call.values()) {
        calls.add(Arguments.of(body, call));
      }
    }
    return calls;
  }

  @ParameterizedTest
  @MethodSource("calls")
  void fault48_nthCallFails_eachStepIsWholeOrNotThere(Body body, Call call) throws IOException {
    failEvery(
        body,
        call,
        /* ahead= */ true,
        (disk, number) -> disk.fail(call, number, FaultyDisk.ioError(call.toString())));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void fault48_everyCallFromTheNthOnFails_eachStepIsWholeOrNotThere(Body body, Call call)
      throws IOException {
    failEvery(
        body,
        call,
        /* ahead= */ false,
        (disk, number) -> disk.failFrom(call, number, FaultyDisk.ioError(call.toString())));
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault48_nthWriteIsTorn_eachStepIsWholeOrNotThere(Body body) throws IOException {
    for (int bytes : new int[] {1, 47, 60, 70}) {
      failEvery(
          body,
          Call.WRITE,
          /* ahead= */ false,
          (disk, number) -> disk.shorten(Call.WRITE, number, bytes, FaultyDisk.ioError("write")));
    }
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault12_noSpaceAtTheNthReservation_refusesTheStep_andTheLogGoesOn(Body body)
      throws IOException {
    int refusals =
        failEvery(
            body,
            Call.RESERVE,
            /* ahead= */ false,
            (disk, number) -> {
              disk.fail(Call.RESERVE, number, FaultyDisk.diskFull("reserve"));
              disk.fail(Call.RESERVE, number + 1, FaultyDisk.diskFull("reserve"));
            });

    assertThat(refusals).isPositive();
  }
}
