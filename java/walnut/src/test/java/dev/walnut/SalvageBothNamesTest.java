package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.StoppingDisk.Moment;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of renamed files: the new one is synced before the old one's disappearance is. */
class SalvageBothNamesTest {
  private static final String WORK = KillRun.PREFIX + "salvage";

  @TempDir Path base;

  private Path dir() {
    return base.resolve("log");
  }

  /** Stops the script at a call; returns whether it was stopped. */
  private boolean stopAt(int call) throws IOException {
    SyncedFiles.restore(new TreeMap<>(), base);
    StoppingDisk disk = new StoppingDisk(Disks.java(), base, call, Moment.AFTER, 1);
    try {
      new KillRun(disk.disk(), dir(), 1).run(KillScript.SALVAGE);
    } catch (IOException e) {
      // as planned
    }
    return disk.isStopped();
  }

  /** What was moved out of the working folder gets its old name beside its new one. */
  private int giveOldNamesBack() throws IOException {
    Path work = dir().resolve(WORK);
    int given = 0;
    if (Files.isDirectory(work) && Files.exists(dir().resolve(KillRun.PREFIX + "swap"))) {
      for (Path file : list(dir())) {
        Path old = work.resolve(file.getFileName());
        if (file.getFileName().toString().matches("segment_([4-9]|1\\d)") && !Files.exists(old)) {
          Files.createLink(old, file);
          given++;
        }
      }
    }
    return given;
  }

  private static List<Path> list(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void fault05_salvage_powerCutLeavesBothNamesOfAFile_isFinished() throws IOException {
    int finished = 0;
    for (int call = 1; stopAt(call); call++) {
      if (giveOldNamesBack() > 0) {
        Wal.salvage(dir(), KillRun.PREFIX, SalvageMode.APPLY);
        try (Wal wal = Wal.open(dir())) {
          assertThat(wal.size()).isEqualTo(9);
          assertThat(wal.contains(5)).isFalse();
        }
        assertThat(dir().resolve(WORK)).doesNotExist();
        finished++;
      }
    }
    assertThat(finished).isPositive();
  }
}
