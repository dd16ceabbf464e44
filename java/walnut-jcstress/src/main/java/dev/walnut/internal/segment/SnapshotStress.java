package dev.walnut.internal.segment;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A cursor's table of the tail holds what its view may show, whatever is added meanwhile. */
@JCStressTest
@Outcome(id = "16, 1600, 0", expect = ACCEPTABLE, desc = "up to the end of the view")
@Outcome(id = "17, 1600, 1700", expect = ACCEPTABLE, desc = "up to the end of the newer view")
@Outcome(expect = FORBIDDEN, desc = "more, less, or at a wrong place")
@State
public class SnapshotStress {
  private final TailTable table = new TailTable();
  private volatile int end = 1700;

  public SnapshotStress() {
    for (int i = 1; i <= 16; i++) {
      table.put(i, 100 * i);
    }
  }

  @Actor
  public void writer() {
    table.put(17, 1700);
    end = 1800;
    table.put(18, 1800);
    table.put(40, 1900);
  }

  @Actor
  public void reader(III_Result result) {
    OffsetTable snapshot = table.snapshot(end);
    result.r1 = snapshot.count();
    result.r2 = snapshot.find(16);
    result.r3 = snapshot.find(17);
  }
}
