package dev.walnut;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.io.IOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Who finds a request done finds its outcome, and the failure of the log if it failed. */
@JCStressTest
@Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "not done yet")
@Outcome(id = "7, 1", expect = ACCEPTABLE, desc = "done, with all that was settled before")
@Outcome(expect = FORBIDDEN, desc = "done, and something is missing")
@State
public class OutcomeStress {
  private final Request request = new SyncRequest(Thread.currentThread());
  private final FailureLatch latch = new FailureLatch();

  @Actor
  public void holder() {
    latch.fail(new IOException("a test"));
    request.succeed(7);
    request.end(Fate.UNKNOWN, latch.cause());
    request.tellDone();
  }

  @Actor
  public void owner(JJ_Result result) {
    boolean done = request.state == Request.DONE;
    result.r1 = done ? request.result() : -1;
    result.r2 = done ? (request.fate() == Fate.UNKNOWN && latch.cause() != null ? 1 : 0) : -1;
  }
}
