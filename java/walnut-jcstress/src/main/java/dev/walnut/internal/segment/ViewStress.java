package dev.walnut.internal.segment;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A view shows the last index, the durable one and where every entry up to the last lies; all of
 * one moment.
 */
@JCStressTest
@Outcome(id = "16, 15, 1600, 0", expect = ACCEPTABLE, desc = "the view before")
@Outcome(id = "17, 16, 1600, 1700", expect = ACCEPTABLE, desc = "the view after the batch")
@Outcome(expect = FORBIDDEN, desc = "a mixture of both")
@State
public class ViewStress {
  private static final SegmentHeader HEADER =
      new SegmentHeader(
          new LogId(1, 2), 0, 1, 2, true, 0, 1, null, 0, 0, new IndexBounds(0, 0), List.of());

  private final LogState state = new LogState(new Segment(HEADER, null), HEADER.bounds(), 0);
  private volatile View view;

  public ViewStress() {
    for (int i = 1; i <= 16; i++) {
      state.addEntry(i, 100 * i);
    }
    view = state.view(1700, 15);
  }

  @Actor
  public void writer() {
    state.addEntry(17, 1700);
    view = state.view(1800, 16);
  }

  @Actor
  public void reader(IIII_Result result) {
    View now = view;
    result.r1 = (int) now.last();
    result.r2 = (int) now.durableIndex();
    result.r3 = now.findInTail(16);
    result.r4 = now.findInTail(17);
  }
}
