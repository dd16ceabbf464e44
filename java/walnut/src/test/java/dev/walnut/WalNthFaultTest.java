package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.KillStates.State;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.Errno;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Share;
import dev.walnut.internal.platform.NativeBody;
import dev.walnut.internal.platform.OpenHandles;
import dev.walnut.internal.platform.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scripts over the whole API in which the Nth call of each kind of the platform contract fails, or
 * falls short: once, or from then on; with every error of the system, as either body tells it. So
 * do the calls of the recovery that follows, and of the recovery of that.
 *
 * <p>Whatever happens: it ends, with an exception of the right type that says what the disk said;
 * nothing is left open; the log has failed if and only if bytes may have been lost; and a healed
 * disk has all that was acknowledged, and nothing that was refused.
 *
 * <p>All of it runs with {@code -Dwalnut.soak=true}; else a part that {@code -Dwalnut.soak.seed=N}
 * chooses.
 */
class WalNthFaultTest {
  /** Of so many cases one is taken. */
  private static final int CASES = 500;

  /** After so many cases the recovery is made to fail too, at one in so many of its calls. */
  private static final int RECOVERIES = 4;

  private static final int RECOVERY_CASES = Slice.ALL ? 60 : 400;
  private static final long HANG_SECONDS = 300;

  private static final Logger LOGGER = Logger.getLogger("dev.walnut");
  private static final ExecutorService THREAD =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "the script");
            thread.setDaemon(true); // if it hangs, the test does not
            return thread;
          });

  private static final Map<NthFaultOracle.Ending, Integer> endings =
      new EnumMap<>(NthFaultOracle.Ending.class);
  private static int cases;
  private static int recoveries;
  private static int recoveriesOfRecoveries;
  private static int wrong;

  /**
   * What goes wrong.
   *
   * @param share how much of it is done all the same; null if the call is not made at all
   */
  private record Fault(
      Call call, int number, Errno errno, boolean fromThenOn, @Nullable Share share) {

    void plan(FaultyDisk disk, Backend body) {
      Supplier<IOException> thrown = () -> errno.thrown(body == Backend.NATIVE, said());
      int last = fromThenOn ? Integer.MAX_VALUE : number;
      if (share != null) {
        disk.shorten(call, number, last, share, thrown);
      } else if (fromThenOn) {
        disk.failFrom(call, number, thrown);
      } else {
        disk.fail(call, number, thrown);
      }
    }

    /** What the exceptions say that it makes. */
    String said() {
      return call + " number " + number + " of the test";
    }

    /** A read that falls short throws nothing: the file seems to end. */
    boolean throwsNothing() {
      return share != null && call == Call.READ;
    }
  }

  @TempDir(factory = InMemoryFiles.class)
  Path base;

  private Backend body = Backend.JAVA;
  private KillScript script = KillScript.ENDS;
  private Disk below = Disks.java();
  private Random random = new Random(Slice.SEED);

  static List<Arguments> scripts() {
    List<Arguments> scripts = new ArrayList<>();
    for (Backend body : new Backend[] {Backend.JAVA, Backend.NATIVE}) {
      for (KillScript script : KillScript.values()) {
        scripts.add(Arguments.of(body, script));
      }
    }
    return scripts;
  }

  /** What is logged of deletions, closes that fail and salvages is as it should be. */
  @BeforeAll
  static void beQuiet() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void tell() {
    System.out.printf(
        "faults at the Nth call: %d cases %s, %d recoveries failed, %d recoveries of those,"
            + " %d wrong, %s%n",
        cases, endings, recoveries, recoveriesOfRecoveries, wrong, Slice.replay());
    LOGGER.setLevel(null);
  }

  // ---- the loop

  @ParameterizedTest
  @MethodSource("scripts")
  void fault07_to_fault15_fault46_nthCallFails_losesNothing_inventsNothing_saysWhatItWas(
      Backend body, KillScript script) throws Exception {
    this.body = body;
    this.script = script;
    this.below = body == Backend.NATIVE ? NativeBody.required() : Disks.java();
    Slice slice = Slice.oneOf(CASES, script.ordinal() * 2L + body.ordinal());
    FaultyDisk whole = new FaultyDisk(below);
    clear("log");
    KillRun known = new KillRun(whole, dir(), Slice.SEED);
    known.run(script);

    for (Call call : Call.values()) {
      for (int number = 1; number <= whole.count(call); number++) {
        for (Fault fault : faults(call, number)) {
          if (slice.takes()) {
            inTime(fault, () -> runWith(fault, known.states));
          }
        }
      }
    }
  }

  private static List<Fault> faults(Call call, int number) {
    List<Fault> faults = new ArrayList<>();
    for (boolean fromThenOn : new boolean[] {false, true}) {
      for (Errno errno : Errno.values()) {
        if (errno.canEnd(call)) {
          faults.add(new Fault(call, number, errno, fromThenOn, null));
        }
      }
      if (call == Call.READ || call == Call.WRITE) {
        for (Share share : Share.values()) {
          faults.add(new Fault(call, number, Errno.EIO, fromThenOn, share));
        }
      }
    }
    return faults;
  }

  /** Nothing may hang; what does is told by name. */
  private void inTime(Fault fault, Callable<?> task) throws Exception {
    String when = body + ", " + script + ", " + fault + ", " + Slice.replay();
    cases++;
    try {
      THREAD.submit(task).get(HANG_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      wrong++;
      throw new AssertionError(when, e.getCause());
    } catch (TimeoutException e) {
      wrong++;
      throw new AssertionError(when + ": did not end in " + HANG_SECONDS + " seconds", e);
    }
  }

  private Path dir() {
    return base.resolve("log").resolve("log");
  }

  private void clear(String name) throws IOException {
    SyncedFiles.restore(new TreeMap<>(), base.resolve(name));
  }

  private TreeMap<String, byte[]> files() throws IOException {
    return new SyncedFiles(below, base.resolve("log")).killed();
  }

  // ---- one fault in the script

  private Object runWith(Fault fault, KillStates known) throws IOException {
    clear("log");
    OpenHandles handles = new OpenHandles(below);
    FaultyDisk disk = new FaultyDisk(handles.disk());
    fault.plan(disk, body);
    NthFaultOracle oracle = new NthFaultOracle(new OnDisk(fault, disk), script, known);

    List<State> allowed = oracle.watch(new KillRun(disk, dir(), Slice.SEED, oracle));

    assertThat(disk.count(fault.call())).as("calls made").isGreaterThanOrEqualTo(fault.number());
    endings.merge(oracle.ending(), 1, Integer::sum);
    assertThat(handles.open()).as("left open").isEmpty();
    TreeMap<String, byte[]> left = files();
    State found = check(allowed, random.nextInt(1 << 20));
    if (random.nextInt(RECOVERIES) == 0) {
      failRecoveries(left, found);
    }
    return found;
  }

  private State check(List<State> allowed, long seed) throws IOException {
    State found = new KillCheck(below, dir(), script).assertOneOf(allowed, seed);
    assertThat(found).isNotNull();
    return found;
  }

  /** A fault of a disk that this test has planned. */
  private record OnDisk(Fault fault, FaultyDisk disk) implements NthFaultOracle.Fault {

    @Override
    public void heal() {
      disk.heal();
    }

    @Override
    public long writesAndSyncs() {
      return disk.calls().stream().filter(c -> c.syncs() || c.call() == Call.WRITE).count();
    }

    /** In the disk's own words at the top, with the first exception below. */
    @Override
    public boolean isToldBy(Throwable end) {
      Throwable cause = end;
      while (cause != null && !String.valueOf(cause.getMessage()).startsWith(fault.said())) {
        cause = cause.getCause();
      }
      return cause != null && end.getMessage().contains(fault.errno().words());
    }

    @Override
    public boolean throwsNothing() {
      return fault.throwsNothing();
    }

    @Override
    public boolean mustFailTheLog() {
      boolean writes = fault.call() == Call.WRITE && !fault.errno().isFull();
      boolean syncs = fault.call() == Call.SYNC || fault.call() == Call.SYNC_DIRECTORY;
      return (writes || syncs) && !ofACopy();
    }

    @Override
    public boolean mayFailTheLog() {
      return mustFailTheLog()
          || switch (fault.call()) {
            case WRITE, DELETE, TRUNCATE, OPEN, OPEN_READ, READ, SIZE -> true;
            default -> false;
          };
    }

    /** Whether the call was made for a backup, which fails alone. */
    private boolean ofACopy() {
      return disk.calls().stream()
          .filter(c -> c.call() == Call.OPEN_DIRECTORY || c.call() == Call.CREATE_DIRECTORY)
          .anyMatch(c -> c.name().endsWith("copy"));
    }
  }

  // ---- faults in the recovery

  private void failRecoveries(TreeMap<String, byte[]> files, State found) throws IOException {
    SyncedFiles.restore(files, base.resolve("log"));
    FaultyDisk whole = new FaultyDisk(below);
    new KillCheck(whole, dir(), script).recover(random.nextInt(1 << 20));
    for (Call call : Call.values()) {
      for (int number = 1; number <= whole.count(call); number++) {
        for (Fault fault : faults(call, number)) {
          if (random.nextInt(RECOVERY_CASES) == 0) {
            SyncedFiles.restore(files, base.resolve("log"));
            recoveries += failsRecovery(fault) ? 1 : 0;
            Fault again = anyOf(whole);
            recoveriesOfRecoveries += failsRecovery(again) ? 1 : 0;
            try {
              check(List.of(found), random.nextInt(1 << 20));
            } catch (AssertionError e) {
              throw new AssertionError("recovery: " + fault + ", then " + again, e);
            }
          }
        }
      }
    }
  }

  private Fault anyOf(FaultyDisk whole) {
    List<Call> made = whole.calls().stream().map(FaultyDisk.Made::call).toList();
    Call call = made.get(random.nextInt(made.size()));
    List<Fault> faults = faults(call, 1 + random.nextInt(whole.count(call)));
    return faults.get(random.nextInt(faults.size()));
  }

  /** Opens with a fault; returns whether that ended it. */
  private boolean failsRecovery(Fault fault) throws IOException {
    OpenHandles handles = new OpenHandles(below);
    FaultyDisk disk = new FaultyDisk(handles.disk());
    fault.plan(disk, body);
    boolean failed = false;
    try {
      new KillCheck(disk, dir(), script).recover(random.nextInt(1 << 20));
    } catch (IOException e) {
      NthFaultOracle.assertTyped(e, new OnDisk(fault, disk));
      failed = true;
    }
    assertThat(handles.open()).as("left open by a recovery").isEmpty();
    return failed;
  }
}
