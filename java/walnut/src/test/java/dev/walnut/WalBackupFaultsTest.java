package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.DuplicateIndexException;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Backups on a disk that fails, on either body. */
@Timeout(180)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalBackupFaultsTest extends WalFaultsFixture {
  private static final String PREFIX = "segment_";

  private final TreeSet<String> seen = new TreeSet<>();

  private Path target() {
    return base.resolve("copy");
  }

  /** A log of 25 entries in three segments, unsynced but for rotations' background work. */
  private Wal written() throws IOException {
    Wal wal = open(database().segmentThreshold(10).syncMode(SyncMode.NONE));
    appendUpTo(wal, 25);
    Await.until(() -> wal.stats().choresPending() == 0);
    return wal;
  }

  private static void delete(Path dir) throws IOException {
    if (Files.exists(dir)) {
      try (Stream<Path> files = Files.list(dir)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(dir);
    }
  }

  /** What the target is: nothing, all of it, or something that does not open. */
  private void look(String when) throws IOException {
    if (!Files.exists(target()) || Files.list(target()).findAny().isEmpty()) {
      seen.add("nothing");
      return;
    }
    WalConfig copy = WalConfig.forDatabase(target()).backend(Backend.JAVA).build();
    try (Wal wal = Wal.open(copy)) {
      seen.add("all");
      assertThat(wal.size()).as(when).isEqualTo(25);
      assertThat(wal.lastIndex()).as(when).isEqualTo(25);
    } catch (WalException e) {
      seen.add("refused");
      assertThat(e).as(when).hasMessageContaining("was not finished");
    }
  }

  private Map<Call, Integer> callsOfOne() throws IOException {
    Map<Call, Integer> counts = new EnumMap<>(Call.class);
    try (Wal wal = written()) {
      for (Call call : Call.values()) {
        counts.put(call, -disk.count(call));
      }
      wal.backup(target());
      for (Call call : Call.values()) {
        counts.merge(call, disk.count(call), Integer::sum);
      }
    }
    look("undisturbed");
    delete(target());
    delete(dir);
    return counts;
  }

  @Test
  void fault46_backup_stoppedAtAnyCall_isWhole_orDoesNotOpen() throws IOException {
    Map<Call, Integer> counts = callsOfOne();
    assertThat(counts.get(Call.LINK)).isEqualTo(2);
    for (Call call : Call.values()) {
      for (int number = 1; number <= counts.get(call); number++) {
        for (boolean forEver : new boolean[] {false, true}) {
          stopAt(call, number, forEver);
        }
      }
    }
    assertThat(seen).containsExactly("all", "nothing", "refused");
  }

  private void stopAt(Call call, int number, boolean forEver) throws IOException {
    String when = call + " " + number + (forEver ? " and all later ones" : "");
    Wal wal = written();
    int at = disk.count(call) + number;
    if (forEver) {
      disk.failFrom(call, at, FaultyDisk.ioError(when));
    } else {
      disk.fail(call, at, FaultyDisk.ioError(when));
    }
    boolean failed = false;
    try {
      wal.backup(target());
    } catch (LogFailedException e) {
      failed = true;
      assertThat(target()).as(when).doesNotExist();
    } catch (IOException e) {
      // cut short, as planned
    }
    disk.heal();
    look(when);
    assertThat(wal.size()).as(when).isEqualTo(25);
    if (!failed) {
      appendUpTo(wal, 27);
      wal.close();
    } else {
      assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
    }
    assertHolds(failed ? 25 : 27, 27);
    delete(target());
    delete(dir);
  }

  @Test
  void fault12_backup_targetFull_isRefused_leavesNothing_andTheLogGoesOn() throws IOException {
    Map<Call, Integer> counts = callsOfOne();
    int writes = counts.get(Call.WRITE);
    try (Wal wal = written()) {
      wal.sync();
      wal.backup(base.resolve("first")); // the mark is written
      delete(base.resolve("first"));
      for (Call call : new Call[] {Call.CREATE, Call.WRITE, Call.SYNC, Call.SYNC_DIRECTORY}) {
        disk.fail(call, disk.count(call) + 1, FaultyDisk.diskFull(call.toString()));
        assertThatThrownBy(() -> wal.backup(target()))
            .as(call.toString())
            .isInstanceOf(NoSpaceException.class)
            .hasMessageContaining(target().toString());
        disk.heal();
        assertThat(Files.list(target())).as(call.toString()).isEmpty();
      }
      appendUpTo(wal, 26);
      assertThat(wal.backup(target()).lastIndex()).isEqualTo(26);
    }
    assertThat(writes).isPositive();
  }

  @Test
  void backup_withoutLinks_copiesAll() throws IOException {
    disk.refuseLinks();
    try (Wal wal = written()) {
      BackupReport report = wal.backup(target());
      assertThat(report.linkedFiles()).isZero();
      assertThat(report.files()).isEqualTo(3);
    }
    assertThat(Wal.verify(target(), PREFIX).isIntact()).isTrue();
    assertThat(Files.mismatch(dir.resolve("segment_1"), target().resolve("segment_1")))
        .isEqualTo(-1);
    look("copied");
    assertThat(seen).containsExactly("all");
  }

  @Test
  void fault12_backup_noRoomForTheMark_isMadeWithoutIt() throws IOException {
    try (Wal wal = open(database().segmentBytes(8192).syncMode(SyncMode.BATCH))) {
      wal.append(new byte[20_000]); // larger than a segment: nothing is prepared behind it
      disk.fail(Call.RESERVE, disk.count(Call.RESERVE) + 1, FaultyDisk.diskFull("reserve"));
      int reserved = disk.count(Call.RESERVE);

      BackupReport report = wal.backup(target());

      assertThat(disk.count(Call.RESERVE)).isGreaterThan(reserved);
      assertThat(report.lastIndex()).isEqualTo(1);
      wal.append(new byte[] {2});
    }
    assertThat(Wal.verify(target(), PREFIX).isIntact()).isTrue();
    try (WalReader copy = Wal.openReadOnly(target(), PREFIX)) {
      assertThat(copy.size()).isEqualTo(1);
    }
  }

  @Test
  void fault12_backup_noRoomForAHeader_isRefused_andTheLogGoesOn() throws IOException {
    WalConfig.Builder config = WalConfig.builder(dir).segmentThreshold(10).maxSegments(0);
    try (Wal wal = open(config)) {
      appendUpTo(wal, 10);
      assertThatThrownBy(() -> wal.write(5, "", new byte[1])) // starts a segment
          .isInstanceOf(DuplicateIndexException.class);
      disk.fail(Call.RESERVE, disk.count(Call.RESERVE) + 1, FaultyDisk.diskFull("reserve"));

      assertThatThrownBy(() -> wal.backup(target()))
          .isInstanceOf(NoSpaceException.class)
          .hasMessageContaining("segment_1");

      assertThat(target()).doesNotExist();
      assertThat(wal.backup(target()).files()).isEqualTo(2);
      appendUpTo(wal, 12);
    }
    assertHolds(12, 12);
    assertThat(Wal.verify(target(), PREFIX).entries()).isEqualTo(10);
  }

  @Test
  void backup_ofAFailedLog_isRefused_andTouchesNothing() throws IOException {
    Wal wal = written();
    failNext(Call.SYNC);
    assertFailed(wal::sync, Outcome.UNKNOWN);

    assertFailed(() -> wal.backup(target()), Outcome.NOT_WRITTEN);

    assertThat(target()).doesNotExist();
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
    disk.heal();
    try (Wal again = open(database())) {
      again.backup(target());
    }
    look("reopened");
    assertThat(seen).containsExactly("all");
  }

  @Test
  void backup_sourceShorterThanItWas_isRefused_andLeavesNothing() throws IOException {
    try (Wal wal = written()) {
      disk.shorten(Call.READ, readsBeforeTheTail(wal) + 1, 100, FaultyDisk.ioError("unused"));
      assertThatThrownBy(() -> wal.backup(target()))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("segment_2")
          .hasMessageContaining("got 100 of");
      assertThat(Files.list(target())).isEmpty();
    }
  }

  private int readsBeforeTheTail(Wal wal) throws IOException {
    int before = disk.count(Call.READ);
    wal.backup(base.resolve("counted"));
    int made = disk.count(Call.READ) - before;
    return disk.count(Call.READ) + made - 1;
  }
}
