package dev.walnut.internal.segment;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The array of offsets grows under a reader: it finds what it may see, at its place. */
@JCStressTest
@Outcome(
    id = {"0, 100, 0", "0, 100, 1700"},
    expect = ACCEPTABLE,
    desc = "before it is published")
@Outcome(id = "1, 100, 1700", expect = ACCEPTABLE, desc = "published, and there")
@Outcome(expect = FORBIDDEN, desc = "an entry is missing, or at a wrong place")
@State
public class TailTableConsecutiveStress {
  private final TailTable table = new TailTable();
  private volatile int published;

  public TailTableConsecutiveStress() {
    for (int i = 1; i <= 16; i++) {
      table.put(i, 100 * i);
    }
  }

  @Actor
  public void writer() {
    table.put(17, 1700);
    published = 1;
  }

  @Actor
  public void reader(III_Result result) {
    result.r1 = published;
    result.r2 = table.find(1);
    result.r3 = table.find(17);
  }
}
