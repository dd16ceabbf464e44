package dev.walnut;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A request comes while the token is freed: its pusher gets the token, or the holder finds it. */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the pusher has the token")
@Outcome(id = "0, [12]", expect = ACCEPTABLE, desc = "the holder has found the request")
@Outcome(id = "1, [12]", expect = ACCEPTABLE, desc = "both; one of them will take the token")
@Outcome(id = "0, 0", expect = FORBIDDEN, desc = "nobody leads: the request is lost")
@State
public class HandOverStress {
  private final RequestQueue queue = new RequestQueue();
  private final CommitToken token = new CommitToken();

  public HandOverStress() {
    token.tryAcquire();
  }

  @Actor
  public void pusher(II_Result result) {
    queue.push(new MarkRequest());
    result.r1 = token.tryAcquire() ? 1 : 0;
  }

  @Actor
  public void holder(II_Result result) {
    if (queue.peek() != null) {
      result.r2 = 1;
      return;
    }
    Request lastTaken = queue.lastTaken();
    token.release();
    result.r2 = lastTaken.next != null ? 2 : 0;
  }
}
