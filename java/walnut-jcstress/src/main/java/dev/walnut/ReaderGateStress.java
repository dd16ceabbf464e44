package dev.walnut;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.walnut.exception.LogClosedException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A reader that was let in finds the handles open, however close the closing comes. */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "let in before")
@Outcome(id = "2", expect = ACCEPTABLE, desc = "sent away")
@Outcome(expect = FORBIDDEN, desc = "let in, and the handle was released")
@State
public class ReaderGateStress {
  private final ReaderGate gate = new ReaderGate("log");

  /** As a descriptor: plain, for nothing but the gate may guard it. */
  private int handle = 1;

  private int read() {
    int lane;
    try {
      lane = gate.enter("read");
    } catch (LogClosedException e) {
      return 2;
    }
    int found = handle;
    gate.leave(lane);
    return found;
  }

  @Actor
  public void reader(I_Result result) {
    result.r1 = read();
  }

  @Actor
  public void closer() {
    gate.close();
    handle = -1;
  }
}
