package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.walnut.FakeStore.Hold;
import dev.walnut.FakeStore.Step;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Virtual threads as callers: none of them syncs, and a sync held up holds up none of them. */
@Timeout(60)
class VirtualThreadsTest {
  private static final byte[] VALUE = {1};

  private final FakeStore store = new FakeStore();

  @BeforeEach
  void requireVirtualThreads() {
    assumeTrue(Runtime.version().feature() >= 21, "this runtime has no virtual threads");
  }

  /** Starts a virtual thread; the method is younger than Java 17. */
  private static Thread startVirtual(Runnable body) {
    try {
      Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
      return (Thread) start.invoke(null, body);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private interface Body {
    void run() throws IOException;
  }

  private static Thread startVirtual(List<Throwable> failures, Body body) {
    return startVirtual(
        () -> {
          try {
            body.run();
          } catch (Throwable t) {
            failures.add(t);
          }
        });
  }

  @Test
  void calls_onVirtualThreads_neverSyncThere() throws Exception {
    List<Step> syncsOnVirtualThreads = new CopyOnWriteArrayList<>();
    store.hook =
        step -> {
          boolean syncs = step == Step.SYNC || step == Step.FINISH;
          if (syncs && VirtualThreads.isVirtual(Thread.currentThread())) {
            syncsOnVirtualThreads.add(step);
          }
        };
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    Wal wal =
        Wal.open(WalConfig.builder(Path.of("log")).build(), new Internals(store, Threads.REAL));

    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      threads.add(
          startVirtual(
              failures,
              () -> {
                for (int n = 0; n < 20; n++) {
                  wal.append(VALUE);
                  wal.appendWithSync(VALUE);
                  wal.appendAsync(VALUE).join();
                  wal.sync();
                }
              }));
    }
    for (int i = 0; i < 500; i++) {
      wal.appendWithSync(VALUE);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    startVirtual(failures, wal::close).join();

    assertThat(failures).isEmpty();
    assertThat(syncsOnVirtualThreads).isEmpty();
    assertThat(store.batches)
        .noneMatch(batch -> batch.durable() && batch.onVirtualThread())
        .anyMatch(FakeStore.Batch::onVirtualThread);
    assertThat(store.size()).isEqualTo(3500);
    assertThat(store.closed).isTrue();
  }

  @Test
  void otherVirtualThread_whileASyncIsHeld_progressesOnTheOneCarrier() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djdk.virtualThreadScheduler.parallelism=1",
            "-Djdk.virtualThreadScheduler.maxPoolSize=1",
            "-cp",
            System.getProperty("java.class.path"),
            OneCarrier.class.getName());

    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(child.getInputStream().readAllBytes());

    assertThat(child.waitFor(50, TimeUnit.SECONDS)).isTrue();
    assertThat(output.strip()).isEqualTo("progressed");
  }

  /** Holds a sync that a virtual thread waits for, and lets another run. */
  static final class OneCarrier {
    private OneCarrier() {}

    public static void main(String[] args) throws Exception {
      FakeStore store = new FakeStore();
      Wal wal =
          Wal.open(
              WalConfig.forDatabase(Path.of("log")).build(), new Internals(store, Threads.REAL));
      Hold hold = store.holdAt(Step.COMMIT);
      List<Throwable> failures = new ArrayList<>();
      Thread writer = startVirtual(failures, () -> wal.append(VALUE));
      hold.awaitArrival();
      Thread other = startVirtual(() -> System.out.println("progressed"));
      other.join();
      hold.release();
      writer.join();
      wal.close();
      failures.forEach(Throwable::printStackTrace);
    }
  }
}
