package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.FaultyDisk.Share;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The note that stands while salvage moves files: without it, what was moved is out of sight. */
class SalvageNoteTest {
  @TempDir Path base;

  /** Salvage is stopped when half of the old files are in their quarantine. */
  private TreeMap<Long, String> interruptSalvage(Disk below, Path dir) throws IOException {
    SmallLog log = SmallLog.plain(below, dir).durable(2).rotate().chores().durable(2);
    TreeMap<Long, String> entries = log.rotate().chores().durable(2).close();
    LogFiles.flip(dir.resolve("segment_1"), Format.HEADER_BYTES + 60, 1);
    entries.remove(3L);
    FaultyDisk disk = new FaultyDisk(below);
    disk.failFrom(Call.RENAME, 2, FaultyDisk.ioError("rename"));
    assertThatThrownBy(() -> SalvageFixture.apply(disk, dir)).hasMessageContaining("rename");
    return entries;
  }

  @ParameterizedTest
  @EnumSource(Share.class)
  void fault15_noteThatIsReadShort_isNotTakenForOneThatWasNeverDurable(Share share)
      throws IOException {
    for (Body body : Body.values()) {
      Path dir = base.resolve(body + "-" + share);
      TreeMap<Long, String> entries = interruptSalvage(body.disk(), dir);
      FaultyDisk disk = new FaultyDisk(body.disk());
      disk.shorten(Call.READ, 1, 1, share, FaultyDisk.ioError("unused"));
      TreeMap<String, String> before = LogFiles.digest(SalvageFixture.tree(dir));

      assertThatThrownBy(() -> SalvageFixture.apply(disk, dir))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining(" of ");

      assertThat(LogFiles.digest(SalvageFixture.tree(dir))).isEqualTo(before);
      SalvageFixture.apply(body.disk(), dir);
      assertThat(SalvageFixture.entries(body.disk(), dir)).isEqualTo(entries);
    }
  }
}
