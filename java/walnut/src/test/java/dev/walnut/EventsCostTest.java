package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What being seen costs a log that nobody looks at. */
class EventsCostTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int TIMES = 10_000;

  /** The least of a few runs: the JVM allocates now and then by itself, the body each time. */
  private static long allocatedBy(Runnable body) {
    long thread = Thread.currentThread().getId();
    long least = Long.MAX_VALUE;
    for (int run = 0; run < 5; run++) {
      long before = THREADS.getThreadAllocatedBytes(thread);
      body.run();
      least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
    }
    return least;
  }

  @Test
  void events_whenNobodyRecords_allocateNothing() {
    Events events = Events.of("log");
    assertThat(events).isNotSameAs(Events.NONE);

    long bytes =
        allocatedBy(
            () -> {
              for (int i = 0; i < TIMES; i++) {
                assert events.batch() == null;
                assert events.sync() == null;
                assert events.rotation() == null;
                assert events.stall() == null;
                assert events.recovery() == null;
              }
            });

    assertThat(bytes).isZero();
  }

  @Test
  void syncTimer_allocatesNothing() {
    SyncTimer timer = new SyncTimer();

    long bytes =
        allocatedBy(
            () -> {
              for (int i = 0; i < TIMES; i++) {
                timer.begin(i);
                timer.took(i * 1000L);
                timer.end();
              }
            });

    assertThat(bytes).isZero();
  }
}
