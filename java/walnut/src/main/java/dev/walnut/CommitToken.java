package dev.walnut;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The right to write. Held by one thread at a time, or on behalf of one that was told to lead; all
 * the state that a batch touches belongs to its holder.
 */
final class CommitToken {
  private final Word word = new Word();

  boolean tryAcquire() {
    return !word.held && Word.HELD.compareAndSet(word, false, true);
  }

  /** Frees it. The caller looks at the queue once more: a request may have come meanwhile. */
  void release() {
    assert word.held : "released without being held";
    word.held = false;
  }

  @SuppressWarnings("unused")
  private abstract static class Padding {
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, pa, pb, pc, pd, pe, pf;
  }

  private abstract static class PaddedWord extends Padding {
    volatile boolean held;
  }

  /** On cache lines of its own: every submitter looks at it. */
  private static final class Word extends PaddedWord {
    private static final VarHandle HELD;

    static {
      try {
        HELD = MethodHandles.lookup().findVarHandle(PaddedWord.class, "held", boolean.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    @SuppressWarnings("unused")
    private long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, qa, qb, qc, qd, qe, qf;
  }
}
