package dev.walnut;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Requests in the order accepted: many push, the token's holder takes. */
final class RequestQueue {
  /*
   * A push swaps the tail, then links the request behind the one before. Between the two steps the
   * holder finds no request to take, and may then free the token. So a pusher links with a full
   * fence and then tries the token; a holder frees the token, with one too, and then looks at the
   * link again. One of the two sees the other. (With a release store for the link neither had to,
   * and under load neither did.)
   *
   * Between the two steps the queue is not empty: behind a request that is not linked yet there may
   * be others that are. Whoever may overtake nobody asks the tail, not the link.
   */
  private final Tail tail;

  /** The last request taken. Belongs to the token's holder. */
  private Request head;

  RequestQueue() {
    head = new MarkRequest(); // stands for the last one taken, before there is one
    tail = new Tail(head);
  }

  void push(Request request) {
    // No call after the swap: a stack that overflows here would cut the queue in two.
    Request before = claim(request);
    request.queued = true;
    before.next = request;
  }

  /** The first step of a push: takes the place behind the request returned. */
  Request claim(Request request) {
    return tail.swap(request);
  }

  /** Whether nobody has pushed since the last one taken, not even half. Called by the holder. */
  boolean isEmpty() {
    return tail.get() == head;
  }

  /** The oldest request, or null. Called by the token's holder. */
  @Nullable Request peek() {
    return head.next;
  }

  /** Takes what {@link #peek} returned. */
  void take(Request request) {
    Request before = head;
    assert before.next == request : "requests are taken in order";
    // The call first: if the stack overflows here, nothing was taken.
    before.clearNext();
    head = request;
  }

  /** The youngest request, maybe not linked yet. Called by the token's holder. */
  Request youngest() {
    return tail.get();
  }

  /** The last request taken. Called by the token's holder. */
  Request lastTaken() {
    return head;
  }

  @SuppressWarnings("unused")
  private abstract static class Padding {
    private long p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, pa, pb, pc, pd, pe, pf;
  }

  private abstract static class TailWord extends Padding {
    volatile Request last;

    TailWord(Request last) {
      this.last = last;
    }
  }

  /** On cache lines of its own: every submitter writes it. */
  private static final class Tail extends TailWord {
    private static final VarHandle LAST;

    static {
      try {
        LAST = MethodHandles.lookup().findVarHandle(TailWord.class, "last", Request.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    @SuppressWarnings("unused")
    private long q0, q1, q2, q3, q4, q5, q6, q7, q8, q9, qa, qb, qc, qd, qe, qf;

    Tail(Request last) {
      super(last);
    }

    Request swap(Request request) {
      return (Request) LAST.getAndSet(this, request);
    }

    Request get() {
      return last;
    }
  }
}
