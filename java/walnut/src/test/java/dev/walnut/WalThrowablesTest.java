package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Made;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What no call of the machine should throw, thrown by each of them in turn below a real store. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalThrowablesTest extends WalFaultsFixture {
  /** Retention tells of the first file that goes, in each of hundreds of logs. */
  private final LoggedWarnings warnings = new LoggedWarnings();

  private Disk below;

  @BeforeEach
  void keepDisk() {
    below = disk;
  }

  @AfterEach
  void showWarningsAgain() {
    warnings.close();
  }

  private WalConfig.Builder sealing() {
    return WalConfig.builder(dir).syncMode(SyncMode.BATCH).segmentThreshold(3).maxSegments(2);
  }

  static List<Throwable> causes() {
    return List.of(
        new IllegalStateException("bug"),
        new StackOverflowError("injected"),
        new OutOfMemoryError("injected"));
  }

  /** What one run wrote, and what of it was acknowledged. */
  private static final class Book {
    final Map<Long, CompletableFuture<Long>> futures = new TreeMap<>();
    final List<Long> acknowledged = new ArrayList<>();
    boolean failed;
  }

  private static byte[] value(long index) {
    return ("value " + index).getBytes(StandardCharsets.UTF_8);
  }

  /** Writes over some segments, in every way of asking, and closes. */
  private Book work(Throwable cause) {
    Book book = new Book();
    try {
      Wal wal = open(sealing());
      try {
        write(wal, book);
      } finally {
        book.failed = wal.stats().failure().isPresent();
        wal.close();
        book.failed |= wal.stats().failure().isPresent();
      }
    } catch (LogFailedException e) {
      assertThat(e).hasRootCause(cause);
      book.failed = true;
    } catch (IOException | RuntimeException | Error e) {
      assertThat(e).isSameAs(cause); // thrown by opening
      book.failed = true;
    }
    for (Map.Entry<Long, CompletableFuture<Long>> attempt : book.futures.entrySet()) {
      Throwable end = Await.failure(attempt.getValue());
      if (end == null) {
        book.acknowledged.add(attempt.getKey());
      } else if (end instanceof LogFailedException) {
        assertThat(end).hasRootCause(cause);
      } else if (!(end instanceof WalException)) {
        assertThat(end).isSameAs(cause); // that write alone
      }
    }
    return book;
  }

  private static void write(Wal wal, Book book) throws IOException {
    for (long index = 1; index <= 9; index += 3) {
      book.futures.put(index, wal.writeAsync(index, "k", value(index)));
      book.futures.put(index + 1, wal.writeAsync(index + 1, "k", value(index + 1)));
      book.acknowledged.add(wal.write(index + 2, "k", value(index + 2)));
    }
    assertThat(wal.sync()).isPositive();
  }

  /** The log opens, on a healthy disk, with all that was acknowledged and not given up since. */
  private void assertHolds(Book book, String when) throws IOException {
    try (Wal wal = Wal.open(sealing().backend(Backend.JAVA).openCheck(OpenCheck.FULL).build())) {
      for (WalEntry entry : wal) {
        assertThat(entry.value()).as(when).isEqualTo(value(entry.index()));
      }
      for (long index : book.acknowledged) {
        if (index >= wal.firstIndex()) {
          assertThat(wal.contains(index)).as("%s: index %d", when, index).isTrue();
        }
      }
      long newest = book.acknowledged.stream().mapToLong(i -> i).max().orElse(0);
      assertThat(wal.lastIndex()).as(when).isGreaterThanOrEqualTo(newest);
    }
  }

  @ParameterizedTest
  @MethodSource("causes")
  void fault36_throwableAtAnyCallOfTheDisk_failsTheLogOrHarmsNothing_andNobodyWaits(Throwable cause)
      throws IOException {
    dir = base.resolve("healthy");
    Book healthy = work(cause);
    assertThat(healthy.failed).isFalse();
    assertThat(healthy.acknowledged).hasSize(9);
    Map<Call, Integer> counts = new EnumMap<>(Call.class);
    for (Made made : disk.calls()) {
      counts.merge(made.call(), 1, Integer::sum);
    }

    int failed = 0;
    for (Map.Entry<Call, Integer> count : counts.entrySet()) {
      for (int number = 1; number <= count.getValue(); number++) {
        String when = cause + " at " + count.getKey() + " " + number;
        dir = base.resolve("run-" + count.getKey() + number);
        disk = new FaultyDisk(below);
        disk.before(count.getKey(), number, () -> FakeStore.<RuntimeException>sneak(cause));
        Book book = work(cause);
        failed += book.failed ? 1 : 0;
        assertHolds(book, when);
      }
    }

    assertThat(failed).as("runs in which it did fail something").isGreaterThan(15);
  }
}
