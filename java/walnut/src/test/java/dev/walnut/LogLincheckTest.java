package dev.walnut;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import dev.walnut.exception.LogClosedException;
import java.io.IOException;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * A log is a counter that can be closed, whoever calls it and when: every outcome of calls side by
 * side is one that the same calls give one after the other.
 */
public class LogLincheckTest {
  private static final int SCALE = Boolean.getBoolean("walnut.soak") ? 20 : 1;
  private static final long CLOSED = -2;

  private final MiniLog log = new MiniLog();

  /** Appends, alone if nobody else is there. */
  @Operation
  public long append() throws IOException {
    try {
      return log.append();
    } catch (LogClosedException e) {
      return CLOSED;
    }
  }

  /** Appends, through the queue in any case. */
  @Operation
  public long appendQueued() throws IOException {
    try {
      return log.appendQueued();
    } catch (LogClosedException e) {
      return CLOSED;
    }
  }

  @Operation
  public long lastIndex() {
    return log.store.lastIndex();
  }

  @Operation(runOnce = true)
  public void close() {
    log.close();
  }

  /** The same, for one caller. */
  public static final class Counter {
    private long last;
    private boolean closed;

    public long append() {
      return closed ? CLOSED : ++last;
    }

    public long appendQueued() {
      return append();
    }

    public long lastIndex() {
      return last;
    }

    public void close() {
      closed = true;
    }
  }

  @Test
  void fault39_callsSideBySide_areAsOneAfterTheOther_inEveryOrderTried() {
    new ModelCheckingOptions()
        .sequentialSpecification(Counter.class)
        .iterations(12 * SCALE)
        .invocationsPerIteration(100 * SCALE)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(1)
        .minimizeFailedScenario(false)
        .addGuarantee(
            forClasses(
                    Counters.class.getName(),
                    SyncTimer.class.getName(),
                    BatchPolicy.class.getName(),
                    IntervalSync.class.getName(),
                    WalConfig.class.getName(),
                    "java.util.concurrent.CompletableFuture")
                .allMethods()
                .treatAsAtomic())
        .check(LogLincheckTest.class);
  }

  @Test
  void fault39_callsSideBySide_areAsOneAfterTheOther_onRealThreads() {
    new StressOptions()
        .sequentialSpecification(Counter.class)
        .iterations(15 * SCALE)
        .invocationsPerIteration(1500 * SCALE)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(0)
        .actorsAfter(1)
        .minimizeFailedScenario(false)
        .check(LogLincheckTest.class);
  }
}
