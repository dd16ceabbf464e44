package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.LogClosedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Interrupts, and a close, in the middle of everything: nobody is hurt, each call ends once. */
@Timeout(60)
abstract class WalStressContract extends LogContract {
  private static final int ENTRIES = 300;

  private static byte[] value(long index) {
    byte[] value = new byte[2000];
    Arrays.fill(value, (byte) index);
    ByteBuffer.wrap(value).putLong(0, index).putLong(1992, ~index);
    return value;
  }

  /** Interrupts all of them until they have ended, and returns what they returned. */
  private static <T> List<T> underInterrupts(int threads, Callable<T> body) {
    List<Await.Started<T>> started =
        IntStream.range(0, threads).mapToObj(i -> Await.start(body)).toList();
    while (started.stream().anyMatch(s -> !s.outcome().isDone())) {
      started.forEach(s -> s.thread().interrupt());
      Thread.onSpinWait();
    }
    return started.stream().map(Await.Started::result).toList();
  }

  /** Few files stay open, so that they are opened, and closed under others, all the time. */
  @Test
  void fault35_interruptedReaders_hurtNobody() throws IOException {
    try (Wal wal = open(unique().maxOpenSegments(3))) {
      for (long i = 1; i <= ENTRIES; i++) {
        wal.append(value(i));
      }

      List<Integer> interrupted = underInterrupts(6, () -> readAll(wal));

      assertThat(interrupted.stream().mapToInt(n -> n).sum()).isPositive();
      assertThat(wal.stats().failure()).isEmpty();
      assertThat(readAll(wal)).isZero();
      assertThat(wal.append(value(ENTRIES + 1))).isEqualTo(ENTRIES + 1);
    }
    try (Wal wal = open(unique().openCheck(OpenCheck.FULL))) {
      assertThat(wal.size()).isEqualTo(ENTRIES + 1);
    }
  }

  /**
   * Reads every entry both ways; returns after how many of the reads the thread was interrupted.
   */
  private static int readAll(Wal wal) throws IOException {
    int interrupted = 0;
    WalCursor cursor = wal.cursor(0);
    for (long i = 1; i <= ENTRIES; i++) {
      long other = 1 + i * 7919 % ENTRIES;
      assertThat(wal.get(other).orElseThrow().value()).isEqualTo(value(other));
      WalEntry next = cursor.next();
      assertThat(next).isNotNull();
      assertThat(next.index()).isEqualTo(i);
      assertThat(next.value()).isEqualTo(value(i));
      interrupted += Thread.interrupted() ? 1 : 0;
    }
    return interrupted;
  }

  @Test
  void fault34_interruptedWriters_keepTheirStatus_andEachWritesOnce() throws IOException {
    ConcurrentHashMap<Long, byte[]> acknowledged = new ConcurrentHashMap<>();
    try (Wal wal = open(database().segmentThreshold(40))) {
      underInterrupts(
          4,
          () -> {
            for (int i = 0; i < 50; i++) {
              byte[] value = bytes(Thread.currentThread().getName() + " " + i);
              Thread.currentThread().interrupt();
              long index = i % 5 == 0 ? wal.append(new WriteBatch().add(value)) : wal.append(value);
              assertThat(Thread.interrupted()).isTrue();
              assertThat(acknowledged.put(index, value)).isNull();
              Thread.currentThread().interrupt();
              assertThat(wal.sync()).isGreaterThanOrEqualTo(index);
              assertThat(Thread.interrupted()).isTrue();
            }
            return null;
          });

      assertThat(wal.stats().failure()).isEmpty();
    }
    try (Wal wal = open(database().openCheck(OpenCheck.FULL))) {
      assertThat(wal.size()).isEqualTo(200);
      assertThat(acknowledged).hasSize(200);
      for (WalEntry entry : wal) {
        assertThat(entry.value()).isEqualTo(acknowledged.get(entry.index()));
      }
    }
  }

  @Test
  void fault39_closeRacingEverything_endsEachAppendOnce_andTouchesNoOtherFile() throws Exception {
    try (OtherFiles others = new OtherFiles(base.resolve("others"))) {
      for (int round = 0; round < 25; round++) {
        closeRaces(base.resolve("log " + round), others);
      }
    }
  }

  private void closeRaces(Path dir, OtherFiles others) throws IOException {
    Wal wal = open(unique(dir).segmentThreshold(7).maxOpenSegments(2).writeQueueSize(16));
    for (int i = 1; i <= 20; i++) {
      wal.append(bytes("before " + i));
    }
    ConcurrentHashMap<Long, String> acknowledged = new ConcurrentHashMap<>();
    List<Await.Started<Long>> users = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      String name = "caller " + i + ' ';
      users.add(untilClosed(n -> acknowledged.put(wal.append(bytes(name + n)), name + n)));
    }
    users.add(untilClosed(n -> wal.appendWithSync(bytes("synced"))));
    users.add(untilClosed(n -> wal.get(1 + n % 20).orElseThrow()));
    users.add(untilClosed(n -> assertThat(wal.cursor(n % 20).next()).isNotNull()));
    users.add(untilClosed(n -> wal.sync()));
    Await.Started<List<CompletableFuture<Long>>> futures = Await.start(() -> appendAsync(wal));
    Await.until(() -> acknowledged.size() > 20);
    Await.Started<Long> closer = untilClosed(n -> closeAndThrow(wal));
    Await.Started<Long> churn = Await.start(() -> others.churnUntil(closer));

    wal.close();

    closer.result();
    churn.result();
    users.forEach(Await.Started::result);
    for (CompletableFuture<Long> future : futures.result()) {
      Throwable failure = Await.failure(future);
      if (failure == null) {
        acknowledged.put(future.join(), "async");
      } else {
        assertThat(failure).isExactlyInstanceOf(LogClosedException.class);
      }
    }
    others.assertUntouched();
    assertHoldsExactly(dir, acknowledged);
  }

  private interface Use {
    void run(long n) throws IOException;
  }

  /** Does it again and again; nothing but that the log is closed may end it. */
  private static Await.Started<Long> untilClosed(Use use) {
    return Await.start(
        () -> {
          for (long n = 0; ; n++) {
            try {
              use.run(n);
            } catch (LogClosedException e) {
              return n;
            }
          }
        });
  }

  private static void closeAndThrow(Wal wal) throws IOException {
    wal.close();
    wal.close();
    throw new LogClosedException("closed by both");
  }

  private static List<CompletableFuture<Long>> appendAsync(Wal wal) {
    List<CompletableFuture<Long>> futures = new ArrayList<>();
    do {
      futures.add(wal.appendAsync(bytes("async")));
    } while (!futures.get(futures.size() - 1).isCompletedExceptionally());
    return futures;
  }

  private void assertHoldsExactly(Path dir, ConcurrentHashMap<Long, String> acknowledged)
      throws IOException {
    TreeMap<Long, String> found = new TreeMap<>();
    try (Wal wal = open(unique(dir).openCheck(OpenCheck.FULL))) {
      for (WalEntry entry : wal) {
        found.put(entry.index(), text(entry));
      }
    }
    found.values().removeIf(v -> v.startsWith("before") || v.equals("synced"));
    assertThat(found).isEqualTo(new TreeMap<>(acknowledged));
  }

  /** Files of known content that are opened and closed, so that they take over descriptors. */
  private static final class OtherFiles implements AutoCloseable {
    private static final int FILES = 40;

    private final List<Path> paths = new ArrayList<>();
    private final List<FileChannel> open = new ArrayList<>();
    private final byte[] content = new byte[4096];

    OtherFiles(Path dir) throws IOException {
      Files.createDirectory(dir);
      Arrays.fill(content, (byte) 0x5a);
      for (int i = 0; i < FILES; i++) {
        paths.add(Files.write(dir.resolve("other " + i), content));
      }
    }

    long churnUntil(Await.Started<?> end) throws IOException {
      long rounds = 0;
      boolean over;
      do {
        over = end.outcome().isDone();
        close();
        for (Path path : paths) {
          open.add(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
        }
        rounds++;
      } while (!over);
      return rounds;
    }

    void assertUntouched() throws IOException {
      for (Path path : paths) {
        assertThat(Files.readAllBytes(path)).as(path.toString()).isEqualTo(content);
      }
    }

    @Override
    public void close() throws IOException {
      for (FileChannel channel : open) {
        channel.close();
      }
      open.clear();
    }
  }
}
