package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pages that a failed sync left clean may be let go of at any moment, between the read that accepts
 * them and the read that is to write them again too: what is gone then is not passed off as
 * durable.
 */
class RewriteTest {
  private static final int LARGE_BYTES = (5 << 20) / 2;

  @TempDir Path base;

  private Disk disk;
  private Path dir;
  private final TreeMap<Long, String> entries = new TreeMap<>();

  /** What of the log is in the cache alone. */
  private enum Lost {
    HEADER_BLOCK("segment_1", 0, 512),
    BATCH_HEADER("segment_0", 0, 8),
    LAST_BODY("segment_0", -16, 16),
    LARGE_BODY("segment_1", 1_500_000, 4096);

    final String file;
    final int from;
    final int bytes;

    Lost(String file, int from, int bytes) {
      this.file = file;
      this.from = from;
      this.bytes = bytes;
    }
  }

  static Stream<Arguments> cases() {
    return Stream.of(Body.values())
        .flatMap(body -> Stream.of(Lost.values()).map(lost -> Arguments.of(body, lost)));
  }

  /** Entry 1 is durable; 2 and 3 follow it, and a large 4 in a segment of its own, unsynced. */
  private void write(Body body) throws IOException {
    disk = body.disk();
    dir = base.resolve("log");
    try (SegmentStore store = open(disk)) {
      add(store, 1, 20);
      store.commit(/* asked= */ true);
      add(store, 2, 20);
      store.commit(/* asked= */ false);
      add(store, 3, 20);
      store.commit(/* asked= */ false);
      store.rotate();
      add(store, 4, LARGE_BYTES);
      store.commit(/* asked= */ false);
    }
  }

  private SegmentStore open(Disk on) throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 4 << 20, 0, false, false, 4 << 20, 8, false);
    return SegmentStore.open(StoreFixture.environment(on, 8), options);
  }

  private void add(SegmentStore store, long index, int bytes) {
    byte[] value = new byte[bytes];
    Arrays.fill(value, (byte) (index + 1));
    StoreFixture.add(store, index, "k", value);
    entries.put(index, StoreFixture.line(index, "k", value, false));
  }

  /** Where the lost bytes begin. */
  private int from(Lost lost) throws IOException {
    List<LogFiles.Batch> batches = LogFiles.batches(LogFiles.content(dir).get(lost.file));
    LogFiles.Batch last = batches.get(batches.size() - 1);
    return switch (lost) {
      case BATCH_HEADER -> last.start();
      case LAST_BODY -> last.end() + lost.from;
      default -> lost.from;
    };
  }

  /** A disk that lets go of the pages when somebody opens their file to write to it. */
  private Disk lettingGo(Lost lost, int from, AtomicInteger times) {
    return GatedDisk.of(
        disk,
        (call, arguments) -> {
          if (call.getName().equals("open") && lost.file.equals(arguments[0])) {
            times.incrementAndGet();
            zero(lost.file, from, lost.bytes);
          }
          return true;
        });
  }

  private void zero(String name, int from, int bytes) throws IOException {
    try (FileChannel file = FileChannel.open(dir.resolve(name), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(bytes), from);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fault47_pagesLostBetweenTwoReads_areNotPassedOffAsDurable(Body body, Lost lost)
      throws IOException {
    write(body);
    int from = from(lost);
    AtomicInteger times = new AtomicInteger();

    assertThatThrownBy(() -> open(lettingGo(lost, from, times)))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("open " + dir.resolve(lost.file) + " at offset ")
        .hasMessageContaining("are not those read before");

    assertThat(times).hasValue(1);
    long lastLeft = lost.file.equals("segment_1") ? 3 : 2;
    for (int life = 0; life < 2; life++) {
      try (SegmentStore left = open(disk)) {
        assertThat(StoreFixture.read(left))
            .as("what the disk has, opening %d", life)
            .isEqualTo(new TreeMap<>(entries.headMap(lastLeft, true)));
      }
    }
  }

  /** Each piece of a batch that is larger than the memory, at the moment it is written. */
  @ParameterizedTest
  @EnumSource(Body.class)
  void fault47_pagesOfALargeBatchLostOnceTheyWereRead_areWrittenAgain(Body body)
      throws IOException {
    write(body);
    int end = LogFiles.batches(LogFiles.content(dir).get("segment_1")).get(0).end();
    AtomicBoolean large = new AtomicBoolean();
    AtomicInteger pieces = new AtomicInteger();
    Disk forgetful =
        GatedDisk.of(
            disk,
            (call, arguments) -> {
              if (call.getName().equals("open")) {
                large.set("segment_1".equals(arguments[0]) && pieces.get() == 0);
              }
              if (call.getName().equals("write") && large.get()) {
                int offset = ((Long) arguments[0]).intValue();
                int bytes = offset == 0 ? Format.HEADER_BYTES : Math.min(1 << 20, end - offset);
                zero("segment_1", offset, bytes);
                pieces.incrementAndGet();
              }
              return true;
            });

    open(forgetful).close();

    assertThat(pieces).as("header and pieces").hasValue(4);
    try (SegmentStore left = open(disk)) {
      assertThat(StoreFixture.read(left)).isEqualTo(entries);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void unsafeRecover_pagesLostBetweenTwoReads_areNotPassedOffAsDurable(Body body, Lost lost)
      throws IOException {
    write(body);
    try (SegmentStore store = open(disk)) {
      store.rotate();
      StoreFixture.runChores(store);
      add(store, 5, 20);
      store.commit(/* asked= */ true);
      store.rotate();
      StoreFixture.runChores(store);
      add(store, 6, 20);
      store.commit(/* asked= */ true);
      store.mark();
    }
    TreeMap<String, byte[]> files = LogFiles.content(dir);
    LogFiles.flip(dir.resolve("segment_2"), Format.HEADER_BYTES + 10, 1);
    int from = from(lost);
    assertThat(files).containsKeys("segment_0", "segment_1", "segment_2", "segment_3");

    assertThatThrownBy(
            () ->
                UnsafeRecovery.run(
                    StoreFixture.environment(lettingGo(lost, from, new AtomicInteger()), 9),
                    dir,
                    "segment_"))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("unsafeRecover " + dir.resolve(lost.file) + " at offset ");

    assertThat(LogFiles.content(dir)).containsOnlyKeys(files.keySet());
  }
}
