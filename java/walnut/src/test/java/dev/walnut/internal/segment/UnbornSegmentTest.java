package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A last file whose creation a crash interrupted is no damage. */
class UnbornSegmentTest {
  @TempDir Path base;

  static Stream<Arguments> zeros() {
    return Stream.of(Body.values())
        .flatMap(
            body ->
                Stream.of(0, 1, Format.HEADER_BYTES, 3 * Format.HEADER_BYTES)
                    .map(bytes -> Arguments.of(body, bytes)));
  }

  @ParameterizedTest
  @MethodSource("zeros")
  void fault20_emptyOrZeroLastSegment_isRemovedAndReported_andTheNextTakesAnotherNumber(
      Body body, int bytes) throws IOException {
    Disk disk = body.disk();
    Path dir = base.resolve("log");
    TreeMap<Long, String> entries = SmallLog.plain(disk, dir).durable(2).rotate().durable(2).kill();
    Files.write(dir.resolve("segment_2"), new byte[bytes]);
    Files.write(dir.resolve("segment_3"), new byte[0]);

    SegmentStore store = SmallLog.open(disk, dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().removed())
        .containsExactly(dir.resolve("segment_2"), dir.resolve("segment_3"));
    assertThat(store.recovery().cutBytes()).isZero();
    assertThat(store.recovery().keptAside()).isEmpty();
    assertThat(LogFiles.content(dir)).containsOnlyKeys("segment_0", "segment_1");
    store.rotate();
    StoreFixture.add(store, 5, "k", new byte[1]);
    store.commit(true);
    store.close();
    assertThat(LogFiles.content(dir)).containsOnlyKeys("segment_0", "segment_1", "segment_4");
    SegmentStore again = SmallLog.open(disk, dir);
    assertThat(again.get(5)).isNotNull();
    assertThat(again.recovery().removed()).isEmpty();
    again.close();
  }

  @ParameterizedTest
  @MethodSource("zeros")
  void fault20_onlySegmentEmptyOrZero_isRemovedAndReported_andANewLogBeginsUnderAnotherNumber(
      Body body, int bytes) throws IOException {
    Disk disk = body.disk();
    Path dir = Files.createDirectory(base.resolve("log"));
    Files.write(dir.resolve("segment_0"), new byte[bytes]);

    SegmentStore store = SmallLog.open(disk, dir);

    assertThat(store.recovery().created()).isTrue();
    assertThat(store.recovery().removed()).containsExactly(dir.resolve("segment_0"));
    assertThat(store.lastIndex()).isZero();
    store.close();
    assertThat(LogFiles.content(dir)).containsOnlyKeys("segment_1");
    SmallLog log = SmallLog.plain(disk, dir).durable(3);
    TreeMap<Long, String> entries = log.kill();
    SegmentStore again = SmallLog.open(disk, dir);
    assertThat(StoreFixture.read(again)).isEqualTo(entries).hasSize(3);
    again.close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault18_20_headerThatWasBeingWritten_isCutAndReported_notRefused(Body body)
      throws IOException {
    Disk disk = body.disk();
    Path dir = base.resolve("log");
    SmallLog log = SmallLog.plain(disk, dir).durable(2).rotate();
    TreeMap<Long, String> entries = new TreeMap<>(log.entries);
    log.unsynced(1).kill();
    byte[] header = Files.readAllBytes(dir.resolve("segment_1"));
    Files.write(dir.resolve("segment_1"), Arrays.copyOf(Arrays.copyOf(header, 512), 8192));

    SegmentStore store = SmallLog.open(disk, dir);

    assertThat(StoreFixture.read(store)).isEqualTo(entries);
    assertThat(store.recovery().cutFile()).isEqualTo(dir.resolve("segment_1"));
    assertThat(store.recovery().cutOffset()).isZero();
    assertThat(store.recovery().removed()).containsExactly(dir.resolve("segment_1"));
    store.close();
    assertThat(LogFiles.content(dir)).containsKey("segment_2");
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault18_flippedHeaderOfALastSegmentThatWasNeverSynced_isCutAndReported_notRefused(Body body)
      throws IOException {
    Disk disk = GatedDisk.withoutSyncs(body.disk());
    Path original = base.resolve("original");
    SmallLog log = SmallLog.plain(disk, original).durable(2).rotate();
    TreeMap<Long, String> entries = new TreeMap<>(log.entries);
    log.unsynced(3).kill();
    TreeMap<String, byte[]> files = LogFiles.content(original);
    byte[] last = files.get("segment_1");
    Path dir = base.resolve("log");

    for (int offset = 0; offset < Format.HEADER_BYTES; offset += offset < 128 ? 5 : 251) {
      byte[] flipped = LogFiles.flipped(last, offset, 1 << offset % 8);
      LogFiles.restore(LogFiles.with(files, "segment_1", flipped), dir);

      SegmentStore store = SmallLog.open(disk, dir);

      assertThat(StoreFixture.read(store)).isEqualTo(entries);
      assertThat(store.recovery().cutFile()).isEqualTo(dir.resolve("segment_1"));
      assertThat(store.recovery().cutBytes()).isEqualTo(LogFiles.dataEnd(flipped));
      assertThat(store.recovery().keptAside())
          .singleElement()
          .satisfies(
              f ->
                  assertThat(f)
                      .hasBinaryContent(Arrays.copyOf(flipped, LogFiles.dataEnd(flipped))));
      store.close();
    }
  }
}
