package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening that reads every batch of every segment. */
class FullCheckTest {
  @TempDir Path base;

  private static TreeMap<Long, String> write(Disk disk, Path dir) throws IOException {
    SmallLog log = SmallLog.plain(disk, dir);
    for (int i = 0; i < 4; i++) {
      log.durable(3).rotate().chores();
    }
    return log.durable(3).close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault17_flipInAnyBatchOfAnySegment_isRefusedAtOpen_whereFootersPassIt(Body body)
      throws IOException {
    Disk disk = body.disk();
    write(disk, base.resolve("original"));
    Map<String, byte[]> intact = LogFiles.content(base.resolve("original"));
    Path dir = base.resolve("log");
    for (String name : intact.keySet()) {
      byte[] bytes = intact.get(name);
      for (LogFiles.Batch batch : LogFiles.batches(bytes).subList(0, 3)) {
        for (int at : new int[] {batch.start() + 20, batch.start() + 60, batch.end() - 1}) {
          String when = name + " at " + at;
          LogFiles.restore(LogFiles.with(intact, name, LogFiles.flipped(bytes, at, 4)), dir);
          SmallLog.open(disk, dir).close();
          LogFiles.restore(LogFiles.with(intact, name, LogFiles.flipped(bytes, at, 4)), dir);

          assertThatThrownBy(() -> SmallLog.openFully(disk, dir))
              .as(when)
              .isInstanceOfSatisfying(
                  CorruptLogException.class,
                  e -> {
                    assertThat(e.file()).as(when).isEqualTo(dir.resolve(name));
                    assertThat(e.offset()).as(when).isEqualTo(batch.start());
                  });
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void intactLog_isReadWhole_andOnlyOneSegmentAtATimeIsKeptInMemory(Body body) throws IOException {
    Disk disk = body.disk();
    Path dir = base.resolve("log");
    write(disk, dir);
    try (DiskDirectory directory = disk.openDirectory(dir)) {
      SegmentFiles files = new SegmentFiles(disk, directory, new SegmentNames("segment_"), 8);
      Memory memory = disk.allocate(1 << 20);
      NavigableMap<Integer, FoundSegment> found = StoreOpening.find(files, memory);

      Recovery.decide(files, found, /* fullCheck= */ true);

      for (FoundSegment segment : found.values()) {
        long read = segment.bytesScanned();
        assertThat(read).isGreaterThan(Format.HEADER_BYTES);
        segment.scan();
        assertThat(segment.bytesScanned()).as("read again, so not kept").isEqualTo(2 * read);
      }
    }
  }
}
