package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole blocks that were lost or went to the wrong place are never taken for the log. */
class BlockDamageTest {
  private static final long DURABLE = 20;

  /** What happened to a block. */
  enum Damage {
    ZEROED {
      @Override
      void apply(byte[] file, byte[] other, int at, int size) {
        Arrays.fill(file, at, at + size, (byte) 0);
      }
    },
    SWAPPED_WITH_THE_NEXT {
      @Override
      void apply(byte[] file, byte[] other, int at, int size) {
        byte[] block = Arrays.copyOfRange(file, at, at + size);
        System.arraycopy(file, at + size, file, at, size);
        System.arraycopy(block, 0, file, at + size, size);
      }
    },
    DUPLICATED_OVER_THE_NEXT {
      @Override
      void apply(byte[] file, byte[] other, int at, int size) {
        System.arraycopy(file, at, file, at + size, size);
      }
    },
    FROM_FARTHER_ON {
      @Override
      void apply(byte[] file, byte[] other, int at, int size) {
        int from = at + 3 * size + size <= file.length ? at + 3 * size : 0;
        System.arraycopy(file, from, file, at, size);
      }
    },
    FROM_ANOTHER_SEGMENT {
      @Override
      void apply(byte[] file, byte[] other, int at, int size) {
        System.arraycopy(other, at, file, at, size);
      }
    };

    abstract void apply(byte[] file, byte[] other, int at, int size);
  }

  @TempDir Path base;

  private Disk disk;
  private Path dir;
  private TreeMap<Long, String> entries;
  private final TreeMap<String, Integer> outcomes = new TreeMap<>();

  static Stream<Arguments> cases() {
    return Stream.of(Body.values())
        .flatMap(
            body ->
                Stream.of(Damage.values())
                    .flatMap(
                        damage ->
                            Stream.of(512, 4096).map(size -> Arguments.of(body, damage, size))));
  }

  /**
   * Seven durable entries of about 1 KiB in each of segment_0 and segment_1, six in segment_2, and
   * behind them unsynced ones that a block cannot take along with the durable.
   */
  private TreeMap<String, byte[]> write() throws IOException {
    Path original = base.resolve("original");
    SmallLog log = SmallLog.plain(disk, original);
    log.write(7, 110, true).rotate().chores().write(7, 110, true).rotate().chores();
    entries = log.write(6, 110, true).write(14, 110, false).kill();
    return LogFiles.content(original);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fault28_blockLostOrMisplaced_isRefusedOrCutAndReported(Body body, Damage damage, int size)
      throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    TreeMap<String, byte[]> intact = write();
    dir = base.resolve("damaged");

    for (Map.Entry<String, byte[]> file : intact.entrySet()) {
      String name = file.getKey();
      byte[] other = intact.get(name.equals("segment_0") ? "segment_1" : "segment_0");
      int end = LogFiles.dataEnd(file.getValue());
      if (damage == Damage.FROM_ANOTHER_SEGMENT) {
        end = Math.min(end, other.length);
      }
      for (int at = 0; at + 2 * size <= end; at += size * (size == 512 ? body.step() : 1)) {
        byte[] damaged = file.getValue().clone();
        damage.apply(damaged, other, at, size);
        LogFiles.restore(LogFiles.with(intact, name, damaged), dir);

        boolean changed = !Arrays.equals(damaged, file.getValue());
        String when = damage + " at " + at + " of " + name;
        outcomes.merge(assertNotSilent(name, changed, when), 1, Integer::sum);
      }
    }

    assertThat(outcomes).as("cases by outcome").containsKey("refused by open");
    if (size == 512) {
      assertThat(outcomes).containsKey("refused by get");
    }
    if (damage != Damage.FROM_ANOTHER_SEGMENT) {
      assertThat(outcomes).containsKey("cut and reported");
    }
  }

  private String assertNotSilent(String damaged, boolean changed, String when) throws IOException {
    TreeMap<String, String> before = LogFiles.digest(dir);
    SegmentStore store;
    try {
      store = SmallLog.open(disk, dir);
    } catch (CorruptLogException e) {
      assertThat(changed).as(when).isTrue();
      assertThat(e.file()).as(when).isEqualTo(dir.resolve(damaged));
      assertThat(LogFiles.digest(dir)).as(when).isEqualTo(before);
      return "refused by open";
    }
    String outcome = assertEveryEntryRightOrRefused(store, damaged, when);
    store.close();
    return outcome;
  }

  /** Those that were durable are there or refused; behind them a suffix may be cut, reported. */
  private String assertEveryEntryRightOrRefused(SegmentStore store, String damaged, String when)
      throws IOException {
    String outcome = "harmless";
    long last = store.lastIndex();
    assertThat(last).as(when).isGreaterThanOrEqualTo(DURABLE);
    if (last < entries.lastKey()) {
      assertThat(store.recovery().cutFile()).as(when).isEqualTo(dir.resolve(damaged));
      assertThat(store.recovery().cutBytes()).as(when).isPositive();
      assertThat(store.recovery().keptAside()).as(when).isNotEmpty();
      outcome = "cut and reported";
    }
    for (long index = 1; index <= entries.lastKey(); index++) {
      try {
        StoredEntry entry = store.get(index);
        if (index > last) {
          assertThat(entry).as("%s, index %d", when, index).isNull();
        } else {
          assertThat(entry).as("%s, index %d", when, index).isNotNull();
          assertThat(StoreFixture.line(entry)).as(when).isEqualTo(entries.get(index));
        }
      } catch (CorruptLogException e) {
        assertThat(e.file()).as(when).isEqualTo(dir.resolve(damaged));
        assertThat(e.firstIndex()).as(when).isEqualTo(index);
        outcome = "refused by get";
      }
    }
    return outcome;
  }
}
