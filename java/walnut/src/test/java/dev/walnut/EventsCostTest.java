package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What being seen costs a log that nobody looks at. */
class EventsCostTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int TIMES = 10_000;

  private static long allocatedBy(Runnable body) {
    body.run(); // loads classes
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    body.run();
    return THREADS.getThreadAllocatedBytes(thread) - before;
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
