package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.walnut.KillStates.State;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.WalException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What must hold when one call in a script fails, whoever lets it fail. */
final class NthFaultOracle implements KillRun.Listener {
  /** The call that fails. */
  interface Fault {
    /** From now on all calls succeed. */
    void heal() throws IOException;

    /** How many calls have written or synced so far. */
    long writesAndSyncs();

    /** Whether a throwable, or what caused it, tells of this fault. */
    boolean isToldBy(Throwable end);

    /** Whether nothing is thrown: a read that falls short looks like the end of the file. */
    boolean throwsNothing();

    /** Whether bytes may be lost, so that a log that is open fails. */
    boolean mustFailTheLog();

    /** Whether an open log may fail of it. */
    boolean mayFailTheLog();
  }

  /** What becomes of a script. */
  enum Ending {
    /** The fault was none for its caller. */
    UNNOTICED,
    /** A step was refused, and the log goes on. */
    REFUSED,
    /** The log has failed. */
    FAILED,
    /** It did not open, or not close. */
    NOT_OPEN
  }

  private final Fault fault;
  private final KillScript script;
  private final KillStates known;
  private @Nullable KillRun run;
  private Ending ending = Ending.UNNOTICED;
  private boolean notWritten;
  private @Nullable State wentOn;

  /**
   * @param known the states of the script where nothing fails
   */
  NthFaultOracle(Fault fault, KillScript script, KillStates known) {
    this.fault = fault;
    this.script = script;
    this.known = known;
  }

  Ending ending() {
    return ending;
  }

  /** Runs the script to where the fault ends it; returns the states that may be found then. */
  List<State> watch(KillRun watched) {
    run = watched;
    try {
      watched.run(script);
    } catch (IOException e) {
      ending = ending == Ending.UNNOTICED ? Ending.NOT_OPEN : ending;
      assertTyped(e, fault);
      return allowed();
    }
    assertThat(watched.acknowledged).as("nothing was noticed").isEqualTo(known.number());
    return List.of(known.now());
  }

  /** It is one of the log's own or of the disk's, and says what the disk said. */
  static void assertTyped(IOException end, Fault fault) {
    boolean typed =
        end instanceof WalException
            || end instanceof FileSystemException
            || (end instanceof EOFException && fault.throwsNothing());
    assertThat(typed).as("typed: %s", end).isTrue();
    assertThat(end.getMessage()).isNotBlank();
    assertThat(fault.throwsNothing() || fault.isToldBy(end)).as("told by: %s", end).isTrue();
  }

  private KillRun run() {
    return java.util.Objects.requireNonNull(run, "not begun");
  }

  @Override
  public void act(int number) {}

  @Override
  public void acknowledged(int step) {}

  /** Looks at the log at the moment the script ends, on a disk that is well again. */
  @Override
  public void ended(IOException why, @Nullable Wal log) throws IOException {
    fault.heal();
    if (log == null) {
      return; // what opening or a salvage has begun, the next one may finish
    }
    notWritten = isNotWritten(why);
    State shown = State.of(log);
    assertThat(known.allowed(run().acknowledged, run().states.number()))
        .as("shown by the log that met the fault")
        .contains(shown);
    if (log.stats().failure().isPresent()) {
      ending = Ending.FAILED;
      assertRefuses(log);
      assertThat(fault.mayFailTheLog()).as("failed for %s: %s", fault, why).isTrue();
    } else {
      ending = Ending.REFUSED;
      assertThat(fault.mustFailTheLog()).as("went on after %s: %s", fault, why).isFalse();
      wentOn = goOn(log, shown);
    }
  }

  private static boolean isNotWritten(IOException why) {
    return why instanceof LogFailedException failed
        ? failed.outcome() == Outcome.NOT_WRITTEN
        : why instanceof NoSpaceException
            || String.valueOf(why.getMessage()).contains(": not written: ");
  }

  /** The first cause is what every later write gets, and nothing is tried again. */
  private void assertRefuses(Wal log) {
    Throwable first = log.stats().failure().orElseThrow();
    long before = fault.writesAndSyncs();
    for (int i = 0; i < 2; i++) {
      Throwable refusal =
          catchThrowable(() -> log.write(log.lastIndex() + 1, "later", new byte[1]));
      assertThat(refusal).isInstanceOf(LogFailedException.class);
      assertThat(((LogFailedException) refusal).outcome()).isEqualTo(Outcome.NOT_WRITTEN);
      assertThat(refusal.getCause()).isSameAs(first);
    }
    assertThat(fault.writesAndSyncs()).as("calls of a log that has failed").isEqualTo(before);
    assertThat(fault.throwsNothing() || fault.isToldBy(first)).as("told by: %s", first).isTrue();
  }

  /** A log that goes on takes the next entry, and has it. */
  private static State goOn(Wal log, State shown) throws IOException {
    WalEntry next = WalEntry.of(shown.last() + 1, "later", new byte[] {7});
    log.write(next.index(), next.key(), next.value());
    TreeMap<Long, WalEntry> after = new TreeMap<>(shown.entries());
    after.put(next.index(), next);
    State now = State.of(log);
    assertThat(now).isEqualTo(new State(after, after.firstKey(), next.index()).from(now.first()));
    return now;
  }

  /** What a healed disk may have. */
  private List<State> allowed() {
    if (wentOn != null) {
      return List.of(wentOn);
    }
    int acknowledged = run().acknowledged;
    int attempted = run().states.number();
    boolean mayBeDamaged = script == KillScript.SALVAGE && ending == Ending.NOT_OPEN;
    if (mayBeDamaged && takesAway(attempted + 1)) {
      attempted++; // the damage is done that the salvage to come will find
    }
    List<State> allowed = new ArrayList<>(known.allowed(acknowledged, attempted));
    if (notWritten && attempted == acknowledged + 1) {
      allowed.remove(known.get(attempted)); // but retention may have made room for it
    }
    return allowed;
  }

  /** Whether a step leaves fewer entries than the one before. */
  private boolean takesAway(int step) {
    return step <= known.number()
        && known.get(step).entries().size() < known.get(step - 1).entries().size();
  }
}
