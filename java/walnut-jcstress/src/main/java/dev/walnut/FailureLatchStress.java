package dev.walnut;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** The first failure stays: whoever looks, and how often, sees the same. */
@JCStressTest
@Outcome(id = "1, 1, 1, 1", expect = ACCEPTABLE, desc = "the one was first")
@Outcome(id = "2, 2, 2, 2", expect = ACCEPTABLE, desc = "the other was first")
@Outcome(expect = FORBIDDEN, desc = "the cause changed")
@State
public class FailureLatchStress {
  private static final IOException ONE = new IOException("one");
  private static final IOException TWO = new IOException("two");

  private final FailureLatch latch = new FailureLatch();

  private int seen() {
    Throwable cause = latch.cause();
    return cause == null ? 0 : cause == ONE ? 1 : 2;
  }

  @Actor
  public void first(IIII_Result result) {
    latch.fail(ONE);
    result.r1 = seen();
    result.r2 = seen();
  }

  @Actor
  public void second(IIII_Result result) {
    latch.fail(TWO);
    result.r3 = seen();
    result.r4 = seen();
  }
}
