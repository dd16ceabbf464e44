package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.SmallFileSystem.Kind;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A disk that is full is a state: on real file systems of a few MiB. */
@Timeout(120)
class WalFullDiskTest {
  @TempDir Path base;

  static Stream<Arguments> combinations() {
    return Stream.of(Kind.values())
        .flatMap(
            kind ->
                Stream.of(Backend.NATIVE, Backend.JAVA)
                    .flatMap(
                        backend -> modes(kind).map(mode -> Arguments.of(kind, backend, mode))));
  }

  private static Stream<SyncMode> modes(Kind kind) {
    return kind == Kind.EXT4
        ? Stream.of(SyncMode.values())
        : Stream.of(SyncMode.NONE, SyncMode.BATCH);
  }

  private final Random random = new Random(Long.getLong("walnut.seed", 12));

  private WalConfig.Builder config(Path dir, Backend backend, SyncMode mode) throws IOException {
    if (backend == Backend.NATIVE) {
      NativeBody.required();
    }
    return WalConfig.forDatabase(dir)
        .backend(backend)
        .syncMode(mode)
        .syncInterval(Duration.ofMillis(5))
        .segmentBytes(256 * 1024);
  }

  private byte[] value(long index) {
    byte[] value = new byte[1 + random.nextInt(20_000)];
    Arrays.fill(value, (byte) (index * 31 + 1));
    return value;
  }

  /** Appends until there is no room; returns the last index written. */
  private long fillUp(Wal wal) throws IOException {
    try {
      while (true) {
        wal.append("k", value(wal.lastIndex() + 1));
        assertThat(wal.stats().outOfSpace()).isFalse();
      }
    } catch (NoSpaceException e) {
      assertThat(e).hasMessageContaining("not written");
      assertThat(wal.stats().outOfSpace()).isTrue();
      return wal.lastIndex();
    }
  }

  private static void assertHolds(WalReader wal, long last) throws IOException {
    assertThat(wal.size()).isEqualTo(last);
    long index = 0;
    for (WalEntry entry : wal) {
      assertThat(entry.index()).isEqualTo(++index);
      for (byte b : entry.value()) {
        assertThat(b).isEqualTo((byte) (index * 31 + 1));
      }
    }
    assertThat(index).isEqualTo(last);
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void fault12_fullDisk_refusesCleanly_isRead_andWritesAgainOnceThereIsRoom(
      Kind kind, Backend backend, SyncMode mode) throws Exception {
    try (SmallFileSystem disk = SmallFileSystem.mount(kind, 16, base)) {
      Path dir = disk.root().resolve("log");
      long last = 0;
      try (Wal wal = Wal.open(config(dir, backend, mode).build())) {
        for (long room : new long[] {900_000, 100_000, 300_000}) {
          disk.fillBut(room);
          last = fillUp(wal);

          long refused = wal.stats().writesRefusedForSpace();
          assertThatThrownBy(() -> wal.append("k", new byte[300_000]))
              .isInstanceOf(NoSpaceException.class);
          CompletableFuture<Long> future = wal.appendAsync("k", new byte[300_000]);
          assertThat(Await.failure(future)).isInstanceOf(NoSpaceException.class);
          assertThat(wal.stats().writesRefusedForSpace()).isEqualTo(refused + 2);
          assertThat(wal.lastIndex()).isEqualTo(last);
          assertHolds(wal, last);
          assertThat(wal.sync()).isEqualTo(last);
          assertThat(wal.stats().failure()).isEmpty();

          disk.makeRoom();
          last = wal.append("k", value(last + 1));
          assertThat(wal.stats().outOfSpace()).isFalse();
        }
      }
      try (Wal wal = Wal.open(config(dir, backend, mode).openCheck(OpenCheck.FULL).build())) {
        assertHolds(wal, last);
        assertThat(wal.recoveryReport().cutBytes()).isZero();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void fault12_fullDiskAtClose_closes_andWhatWasWrittenIsThere(
      Kind kind, Backend backend, SyncMode mode) throws Exception {
    try (SmallFileSystem disk = SmallFileSystem.mount(kind, 16, base)) {
      Path dir = disk.root().resolve("log");
      Wal wal = Wal.open(config(dir, backend, mode).build());
      wal.append("k", value(1));
      disk.fillBut(200_000);
      long last = fillUp(wal);
      disk.fillBut(0);

      wal.close();

      try (WalReader reader = Wal.openReadOnly(dir, "segment_")) {
        assertHolds(reader, last);
      }
      disk.makeRoom();
      try (Wal again = Wal.open(config(dir, backend, mode).openCheck(OpenCheck.FULL).build())) {
        assertHolds(again, last);
        again.append("k", value(last + 1));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void fault54_fullDiskWhileHealing_readOnlyServes_writingIsRefusedTyped_untilThereIsRoom(
      Kind kind, Backend backend, SyncMode mode) throws Exception {
    try (SmallFileSystem disk = SmallFileSystem.mount(kind, 16, base)) {
      Path dir = disk.root().resolve("log");
      Path torn = disk.root().resolve("torn");
      long last;
      try (Wal wal = Wal.open(config(dir, backend, mode).build())) {
        for (int i = 0; i < 60; i++) {
          wal.append("k", value(wal.lastIndex() + 1));
        }
        wal.sync();
        last = wal.lastIndex();
        LogContract.copyWhileOpen(dir, torn);
      }
      Path tail = tail(torn);
      Files.write(tail, withTornBatch(Files.readAllBytes(tail)));
      disk.fillBut(0);

      assertThatThrownBy(() -> Wal.open(config(torn, backend, mode).build()))
          .isInstanceOf(NoSpaceException.class)
          .hasMessageContaining("no room for what opening writes");

      try (WalReader reader = Wal.openReadOnly(torn, "segment_")) {
        assertHolds(reader, last);
      }
      assertThatThrownBy(() -> Wal.open(config(torn, backend, mode).build()))
          .isInstanceOf(NoSpaceException.class);
      disk.makeRoom();
      try (Wal wal = Wal.open(config(torn, backend, mode).openCheck(OpenCheck.FULL).build())) {
        assertHolds(wal, last);
        assertThat(wal.recoveryReport().cutBytes()).isPositive();
        assertThat(wal.recoveryReport().keptAside()).hasSize(1);
        wal.append("k", value(last + 1));
      }
    }
  }

  /** The tail has room left that was taken ahead; what has none is the segment behind it. */
  @ParameterizedTest
  @MethodSource("combinations")
  void fault12_fullDiskAtRotation_refusesCleanly_andRotatesOnceThereIsRoom(
      Kind kind, Backend backend, SyncMode mode) throws Exception {
    try (SmallFileSystem disk = SmallFileSystem.mount(kind, 16, base)) {
      Path dir = disk.root().resolve("log");
      WalConfig.Builder config = config(dir, backend, mode).segmentThreshold(5);
      long last;
      try (Wal wal = Wal.open(config.build())) {
        wal.append("k", small(1));
        disk.fillBut(0);

        last = fillUpWithSmall(wal);
        assertThat(last).as("whole segments").isLessThan(1000);
        assertHolds(wal, last);
        assertThat(wal.sync()).isEqualTo(last);
        assertThat(wal.stats().failure()).isEmpty();

        disk.makeRoom();
        for (int i = 0; i < 12; i++) {
          last = wal.append("k", small(last + 1));
        }
        assertThat(wal.stats().outOfSpace()).isFalse();
      }
      try (Wal wal = Wal.open(config.openCheck(OpenCheck.FULL).build())) {
        assertHolds(wal, last);
        assertThat(wal.recoveryReport().cutBytes()).isZero();
      }
    }
  }

  private static byte[] small(long index) {
    byte[] value = new byte[20];
    Arrays.fill(value, (byte) (index * 31 + 1));
    return value;
  }

  private static long fillUpWithSmall(Wal wal) throws IOException {
    try {
      while (wal.lastIndex() < 1000) {
        wal.append("k", small(wal.lastIndex() + 1));
      }
    } catch (NoSpaceException e) {
      assertThat(e).hasMessageContaining("not written");
    }
    return wal.lastIndex();
  }

  /** The newest segment with a header; there may be one made ahead. */
  private static Path tail(Path dir) throws IOException {
    Path tail = dir;
    for (int number = 0; Files.exists(dir.resolve("segment_" + number)); number++) {
      Path file = dir.resolve("segment_" + number);
      if (Files.size(file) > 0 && Files.readAllBytes(file)[0] != 0) {
        tail = file;
      }
    }
    return tail;
  }

  /** Bytes of no batch behind the last one, as many as a disk that is full has no room to keep. */
  private static byte[] withTornBatch(byte[] tail) {
    int end = tail.length;
    while (tail[end - 1] == 0) {
      end--;
    }
    byte[] torn = Arrays.copyOf(tail, Math.max(tail.length, end + 60_000));
    Arrays.fill(torn, end + 16, end + 50_000, (byte) 7);
    return torn;
  }
}
