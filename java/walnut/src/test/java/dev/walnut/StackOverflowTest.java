package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.LogFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A caller that comes with hardly any stack left hangs nobody; at worst the log fails. */
@Timeout(120)
class StackOverflowTest {
  private static final byte[] VALUE = {1, 2, 3};
  private static final int ROUNDS = 4;
  private static final int STACK_BYTES = 256 * 1024;

  @TempDir Path dir;

  @Test
  void write_atTheEndOfTheStack_endsForAllAndTheLogCloses() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Path place = dir.resolve("alone" + round);
      Wal wal = open(place, settings -> settings);
      warmUp(wal);

      overflow(wal, round, /* frames= */ 40);

      assertEnds(wal, List.of());
    }
  }

  @Test
  void write_atTheEndOfTheStackAmongOthers_endsForAllAndTheLogCloses() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Path place = dir.resolve("among" + round);
      Wal wal = open(place, settings -> settings.syncMode(SyncMode.BATCH));
      AtomicBoolean over = new AtomicBoolean();
      List<Await.Started<Integer>> others = new ArrayList<>();
      others.add(Await.start(() -> appendUntil(wal, over)));
      others.add(Await.start(() -> appendAsyncUntil(wal, over)));

      overflow(wal, round, /* frames= */ 40);
      over.set(true);

      assertEnds(wal, others);
    }
  }

  private static Wal open(Path place, UnaryOperator<WalConfig.Builder> settings)
      throws IOException {
    return Wal.open(settings.apply(WalConfig.builder(place)).build());
  }

  private static void warmUp(Wal wal) throws IOException {
    for (int i = 0; i < 200; i++) {
      wal.append(VALUE);
      wal.appendAsync(VALUE).join();
    }
  }

  private static int appendUntil(Wal wal, AtomicBoolean over) throws IOException {
    int written = 0;
    while (!over.get()) {
      try {
        wal.append(VALUE);
        written++;
      } catch (LogFailedException e) {
        return written;
      }
    }
    return written;
  }

  private static int appendAsyncUntil(Wal wal, AtomicBoolean over) {
    int written = 0;
    while (!over.get()) {
      List<CompletableFuture<Long>> futures = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        futures.add(wal.appendAsync(VALUE));
      }
      for (CompletableFuture<Long> future : futures) {
        if (Await.failure(future) != null) {
          return written;
        }
        written++;
      }
    }
    return written;
  }

  /** Fills a stack, and writes from each of its last frames. */
  private static void overflow(Wal wal, int round, int frames) throws InterruptedException {
    Thread thread =
        new Thread(
            null, () -> descend(wal, new int[] {frames}), "deep", STACK_BYTES + 1000L * round);
    thread.setDaemon(true);
    thread.start();
    thread.join();
  }

  private static void descend(Wal wal, int[] framesLeft) {
    try {
      descend(wal, framesLeft);
    } catch (StackOverflowError e) {
      // This frame is one of the last.
    }
    if (framesLeft[0]-- > 0) {
      try {
        wal.append(VALUE);
        wal.appendAsync(VALUE);
        wal.sync();
      } catch (StackOverflowError | IOException e) {
        // As it should: the test is whether the others hear of their writes.
      }
    }
  }

  private static void assertEnds(Wal wal, List<Await.Started<Integer>> others) throws IOException {
    int written = others.stream().mapToInt(Await.Started::result).sum();
    assertThat(wal.size()).isGreaterThanOrEqualTo(written);
    try {
      wal.append(VALUE);
      wal.sync();
      wal.close();
    } catch (LogFailedException e) {
      assertThat(wal.stats().failure()).isPresent();
      try {
        wal.close();
      } catch (LogFailedException again) {
        assertThat(again).hasMessageContaining("close");
      }
    }
  }
}
