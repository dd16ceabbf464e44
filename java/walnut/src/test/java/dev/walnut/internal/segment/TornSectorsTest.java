package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A power cut in the last batch: any of its sectors may be there or not, what shows in their place
 * may be anything, and the file may be shorter or longer than what was written.
 */
@ParameterizedClass
@EnumSource(Body.class)
class TornSectorsTest {
  private static final int SECTOR_BYTES = 512;
  private static final long DURABLE = 4;
  private static final String FILE = "segment_0";

  /** What shows where bytes were lost. */
  enum Shown {
    ZEROS,
    GARBAGE,
    OLD_BLOCKS,
    HALF_A_SECTOR
  }

  @TempDir Path base;
  @Parameter Body body;

  private Disk disk;
  private Path dir;
  private TreeMap<Long, String> entries;
  private byte[] intact;
  private byte[] ofAnotherLog;
  private LogFiles.Batch unsynced;

  /** Entries 1 to 4 are durable, the fifth fills some sectors and was never synced. */
  @BeforeEach
  void write() throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    Path original = base.resolve("original");
    SmallLog log = SmallLog.plain(disk, original).durable((int) DURABLE);
    entries = log.write(1, 300, /* toBeDurable= */ false).kill();
    intact = LogFiles.content(original).get(FILE);
    unsynced = LogFiles.batches(intact).get(LogFiles.batches(intact).size() - 1);
    // The same shape, offsets and sequences; but there all is durable, and more follows.
    Path other = base.resolve("other");
    SmallLog.plain(disk, other).durable(4).write(1, 300, true).durable(30).kill();
    ofAnotherLog = LogFiles.content(other).get(FILE);
    dir = base.resolve("damaged");
  }

  private static int pattern(int offset) {
    return offset * 37 + 11;
  }

  /** Loses the unsynced bytes in {@code [from, to)}. */
  private void lose(byte[] bytes, int from, int to, Shown shown) {
    int start = shown == Shown.HALF_A_SECTOR ? (from + to) / 2 : from;
    for (int i = Math.max(start, unsynced.start()); i < Math.min(to, bytes.length); i++) {
      bytes[i] =
          switch (shown) {
            case ZEROS, HALF_A_SECTOR -> 0;
            case GARBAGE -> (byte) pattern(i);
            case OLD_BLOCKS -> ofAnotherLog[i];
          };
    }
  }

  /** The log opens by itself, without the fifth entry or with all of it; and again the same. */
  private void assertOpens(byte[] damaged, String when) throws IOException {
    int from = unsynced.start();
    int to = unsynced.end();
    boolean whole = damaged.length >= to && Arrays.equals(damaged, from, to, intact, from, to);
    TreeMap<Long, String> expected =
        whole ? entries : new TreeMap<>(entries.headMap(DURABLE, true));
    TreeMap<String, byte[]> content = new TreeMap<>();
    content.put(FILE, damaged);
    LogFiles.restore(content, dir);
    for (int opening = 1; opening <= 2; opening++) {
      try (SegmentStore store = SmallLog.open(disk, dir)) {
        assertThat(StoreFixture.read(store))
            .as("%s, opening %d", when, opening)
            .isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Shown.class)
  void fault03_anySectorsOfAnUnsyncedBatchAreLost_itIsThereWholeOrNotAtAll(Shown shown)
      throws IOException {
    int first = unsynced.start() / SECTOR_BYTES;
    int count = (unsynced.end() - 1) / SECTOR_BYTES - first + 1;
    assertThat(count).isBetween(5, 7);

    for (int lost = 0; lost < 1 << count; lost += body.step()) {
      byte[] damaged = intact.clone();
      for (int i = 0; i < count; i++) {
        if ((lost & 1 << i) != 0) {
          int at = (first + i) * SECTOR_BYTES;
          lose(damaged, at, at + SECTOR_BYTES, shown);
        }
      }

      assertOpens(damaged, shown + ", sectors " + lost);
    }
  }

  static Stream<Shown> shownWhereAFileGrew() {
    return Stream.of(Shown.ZEROS, Shown.GARBAGE, Shown.OLD_BLOCKS);
  }

  @ParameterizedTest
  @MethodSource("shownWhereAFileGrew")
  void fault04_sizeWithoutData_orDataWithoutSize_endsTheLogBeforeTheBatch(Shown shown)
      throws IOException {
    for (int length = unsynced.start(); length < unsynced.end(); length += 61 * body.step()) {
      assertOpens(Arrays.copyOf(intact, length), "cut to " + length);
      byte[] grown = Arrays.copyOf(intact, unsynced.end() + 2000);
      lose(grown, length, grown.length, shown);

      assertOpens(grown, "grown from " + length + " on with " + shown);
    }
    byte[] grown = Arrays.copyOf(intact, unsynced.end() + 2000);
    lose(grown, unsynced.end(), grown.length, shown);

    assertOpens(grown, "grown behind the batch with " + shown);
  }

  /** Authentic in their own log, at these very offsets, and vouching for later sequences. */
  @Test
  void fault27_oldBlocksOfAnotherLogAtTheirOffsets_areNoEvidence() throws IOException {
    byte[] damaged = ofAnotherLog.clone();
    System.arraycopy(intact, 0, damaged, 0, unsynced.start());

    assertOpens(damaged, "another log's blocks from the torn batch on");
  }
}
