package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a failure around the writes does: of a close, a reservation, a name, an open. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalFaultsAroundWritesTest extends WalFaultsFixture {
  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger("dev.walnut");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          logged.add(record.getLevel() + " " + record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listenToTheLogger() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void leaveTheLogger() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(handler);
  }

  @Test
  void fault11_directorySyncErrorAtRotation_failsTheLog_losesNothing() throws IOException {
    Wal wal = open(database().segmentThreshold(2));
    disk.failFrom(
        Call.SYNC_DIRECTORY, disk.count(Call.SYNC_DIRECTORY) + 1, FaultyDisk.ioError("sync"));
    long acknowledged = 0;
    try {
      for (int i = 1; i <= 50; i++) {
        acknowledged = wal.append(new byte[] {(byte) i});
      }
    } catch (LogFailedException e) {
      assertThat(e.getCause()).isNotNull();
    }

    assertThat(acknowledged).isLessThan(50);
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
    assertHolds(acknowledged, acknowledged + 1);
  }

  @Test
  void fault11_closeError_isNoLoss() throws IOException {
    Wal wal = open(database().segmentThreshold(2).maxOpenSegments(1));
    int closes = disk.count(Call.CLOSE);
    disk.failFrom(Call.CLOSE, closes + 1, FaultyDisk.ioError("close"));

    appendUpTo(wal, 8);
    Await.until(() -> wal.stats().choresPending() == 0);
    appendUpTo(wal, 9); // sees what was sealed, and has it closed
    Await.until(() -> wal.stats().choresPending() == 0);
    int closesOfWriter = disk.count(Call.CLOSE);
    for (long i = 1; i <= 9; i++) {
      assertThat(wal.get(i)).isPresent();
    }
    int closesOfReaders = disk.count(Call.CLOSE);
    appendUpTo(wal, 10);
    wal.close();

    assertThat(closesOfWriter).as("sealed segments were closed").isGreaterThan(closes);
    assertThat(closesOfReaders).as("segments read were closed").isGreaterThan(closesOfWriter);
    assertThat(logged).contains("WARNING close segment_0: nothing is lost");
    assertThat(wal.stats().failure()).isEmpty();
    assertHolds(10, 10);
  }

  @Test
  void fault11_closeErrorOfADeletedSegment_isNoLoss() throws IOException {
    Wal wal = open(database().segmentThreshold(2).maxSegments(3));
    disk.failFrom(Call.CLOSE, disk.count(Call.CLOSE) + 1, FaultyDisk.ioError("close"));

    for (long i = 1; i <= 12; i++) {
      wal.append(new byte[] {(byte) i});
      assertThat(wal.get(wal.firstIndex())).isPresent();
    }
    Await.until(() -> wal.stats().choresPending() == 0);

    assertThat(wal.stats().failure()).isEmpty();
    assertThat(wal.stats().segmentsDeleted()).isPositive();
    wal.close();
  }

  @Test
  void fault11_reserveError_fallsBack() throws IOException {
    try (Wal wal = open(database().syncMode(SyncMode.NONE))) {
      int reserves = disk.count(Call.RESERVE);
      disk.failFrom(Call.RESERVE, reserves + 1, FaultyDisk.ioError("reserve"));

      appendUpTo(wal, 3);

      assertThat(disk.count(Call.RESERVE)).isGreaterThan(reserves);
      assertThat(wal.stats().failure()).isEmpty();
    }
    assertHolds(3, 3);
  }

  /** Every call of the kind that opening makes fails once; the open after it has it all. */
  @ParameterizedTest
  @EnumSource(names = {"WRITE", "TRUNCATE", "SYNC", "SYNC_DIRECTORY"})
  void fault11_recoveryError_failsOpen_andLosesNothing(Call call) throws IOException {
    try (Wal wal = open(database().syncMode(SyncMode.NONE).segmentThreshold(4))) {
      appendUpTo(wal, 14);
      copy(dir, base.resolve("killed"));
    }
    hideFooter(base.resolve("killed").resolve("segment_0"));

    int failures = 0;
    boolean opened = false;
    while (!opened) {
      dir = base.resolve("again-" + failures);
      copy(base.resolve("killed"), dir);
      disk.fail(call, disk.count(call) + failures + 1, FaultyDisk.ioError(call.toString()));
      opened = opens();
      disk.heal();
      assertHolds(14, 14);
      failures += opened ? 0 : 1;
    }

    assertThat(failures).as("opens that failed for want of " + call).isPositive();
  }

  /**
   * Its footer, if it has one already, is at the end no more, as if a kill had left the cut out.
   */
  private static void hideFooter(Path file) throws IOException {
    Files.write(file, new byte[1], StandardOpenOption.APPEND);
  }

  private boolean opens() throws IOException {
    try (Wal wal = open(database().segmentThreshold(4))) {
      disk.heal();
      assertThat(wal.size()).isEqualTo(14);
      return true;
    } catch (FileSystemException e) {
      return false;
    }
  }
}
