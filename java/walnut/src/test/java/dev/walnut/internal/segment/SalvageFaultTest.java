package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Salvage is stopped at every call it makes of the machine, once and from then on. Nothing is lost,
 * nothing half moved opens, and salvaging again ends where an undisturbed one ends.
 */
class SalvageFaultTest {
  @TempDir Path base;

  private Disk disk;
  private Path dir;
  private TreeMap<String, byte[]> damaged;
  private TreeMap<Long, String> expected;
  private final TreeSet<String> seen = new TreeSet<>();

  private void write(Body body) throws IOException {
    disk = GatedDisk.withoutSyncs(body.disk());
    Path original = base.resolve("original");
    SmallLog log = SmallLog.plain(disk, original);
    log.durable(3).rotate().chores().durable(3).rotate().chores().durable(3);
    expected = log.close();
    int value = LogFiles.batches(LogFiles.content(original).get("segment_1")).get(1).end() - 12;
    LogFiles.flip(original.resolve("segment_1"), value, 4);
    expected.remove(5L);
    damaged = SalvageFixture.tree(original);
    dir = base.resolve("log");
  }

  /** What an open finds after a stop: the damaged log, a note that salvage is to go on, or all. */
  private void look(String when) throws IOException {
    Path copy = base.resolve("copy");
    SalvageFixture.restore(SalvageFixture.tree(dir), copy);
    TreeMap<String, String> before = LogFiles.digest(SalvageFixture.tree(copy));
    try {
      assertThat(SalvageFixture.entries(disk, copy)).as(when).isEqualTo(expected);
      seen.add("salvaged");
    } catch (CorruptLogException e) {
      seen.add("damaged");
      assertThat(LogFiles.digest(SalvageFixture.tree(copy))).as(when).isEqualTo(before);
    } catch (WalException e) {
      assertThat(e).as(when).hasMessageContaining("run salvage again");
      seen.add("interrupted");
      assertThat(LogFiles.digest(SalvageFixture.tree(copy))).as(when).isEqualTo(before);
    }
  }

  private void assertConverges(String when) throws IOException {
    SalvageFixture.assertNothingLost(damaged, dir, when);
    look(when);

    SalvageFixture.apply(disk, dir);

    SalvageFixture.assertNothingLost(damaged, dir, when);
    assertThat(SalvageFixture.entries(disk, dir)).as(when).isEqualTo(expected);
    assertThat(SalvageFixture.names(dir))
        .as(when)
        .containsOnly(
            "segment_3", "segment_4", "segment_5", "segment_lock", "segment_quarantine_3");
    assertThat(SalvageFixture.names(dir.resolve("segment_quarantine_3")))
        .as(when)
        .containsExactly("segment_0", "segment_1", "segment_2");
  }

  private Map<Call, Integer> undisturbed() throws IOException {
    FaultyDisk counting = new FaultyDisk(disk);
    SalvageFixture.restore(damaged, dir);
    SalvageFixture.apply(counting, dir);
    assertConverges("undisturbed");
    Map<Call, Integer> counts = new EnumMap<>(Call.class);
    for (Call call : Call.values()) {
      counts.put(call, counting.count(call));
    }
    return counts;
  }

  private static int step(Call call, Body body) {
    boolean reads = call == Call.READ || call == Call.SIZE || call == Call.OPEN_READ;
    return reads || body == Body.NATIVE ? 5 : 1;
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault46_stoppedAtAnyCall_losesNothing_andConverges(Body body) throws IOException {
    write(body);
    Map<Call, Integer> counts = undisturbed();
    for (Call call : Call.values()) {
      for (int number = 1; number <= counts.get(call); number += step(call, body)) {
        for (boolean forEver : new boolean[] {false, true}) {
          String when = call + " " + number + (forEver ? " and all later ones" : "");
          SalvageFixture.restore(damaged, dir);
          FaultyDisk faulty = new FaultyDisk(disk);
          if (forEver) {
            faulty.failFrom(call, number, FaultyDisk.ioError(when));
          } else {
            faulty.fail(call, number, FaultyDisk.ioError(when));
          }

          try {
            SalvageFixture.apply(faulty, dir);
          } catch (IOException e) {
            // cut short, as planned
          }

          assertConverges(when);
        }
      }
    }
    assertThat(seen).containsExactly("damaged", "interrupted", "salvaged");
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault46_killedBeforeAnyCall_losesNothing_andConverges(Body body) throws IOException {
    write(body);
    SalvageFixture.restore(damaged, dir);
    List<TreeMap<String, byte[]>> states = new ArrayList<>();
    SalvageFixture.apply(
        GatedDisk.of(
            disk,
            (call, arguments) -> {
              if (!call.getName().equals("read") && !call.getName().equals("size")) {
                states.add(SalvageFixture.tree(dir));
              }
              return true;
            }),
        dir);

    String before = "";
    for (int i = 0; i < states.size(); i++) {
      String state = LogFiles.digest(states.get(i)).toString();
      if (!state.equals(before)) {
        SalvageFixture.restore(states.get(i), dir);
        assertConverges("killed before call " + i);
      }
      before = state;
    }
    assertThat(seen).containsExactly("damaged", "interrupted", "salvaged");
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault54_diskFull_isTyped_andLeavesTheOldLogAsItWas(Body body) throws IOException {
    write(body);
    Map<Call, Integer> counts = undisturbed();
    for (Call call : new Call[] {Call.WRITE, Call.CREATE, Call.TRUNCATE, Call.SYNC}) {
      for (int number = 1; number <= counts.get(call); number++) {
        String when = "full at " + call + " " + number;
        SalvageFixture.restore(damaged, dir);
        FaultyDisk faulty = new FaultyDisk(disk);
        faulty.failFrom(call, number, FaultyDisk.diskFull(when));

        IOException failure = null;
        try {
          SalvageFixture.apply(faulty, dir);
        } catch (IOException e) {
          failure = e;
        }

        assertThat(failure).as(when).isInstanceOf(NoSpaceException.class);
        assertThat(LogFiles.digest(SalvageFixture.tree(dir)))
            .as(when)
            .isEqualTo(LogFiles.digest(damaged));
        assertConverges(when);
      }
    }
  }
}
