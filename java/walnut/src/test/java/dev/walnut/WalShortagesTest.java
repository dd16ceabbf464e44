package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** No memory, no thread, no permission: what is refused, what fails, and what goes on. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalShortagesTest extends WalFaultsFixture {
  private final NarrowMemory memory = new NarrowMemory();

  /** Retention tells of the first file that goes, in each of hundreds of logs. */
  private final LoggedWarnings warnings = new LoggedWarnings();

  @BeforeEach
  void makeNarrowDisk() {
    memory.below = disk;
    disk = new FaultyDisk(memory);
  }

  @AfterEach
  void showWarningsAgain() {
    warnings.close();
  }

  /** A disk whose Nth allocation finds no memory. */
  private static final class NarrowMemory implements Disk {
    private Disk below;
    private volatile int left = Integer.MAX_VALUE;

    @Override
    public Memory allocate(int bytes) {
      if (left <= 0) {
        throw new OutOfMemoryError("Cannot reserve " + bytes + " bytes of direct buffer memory");
      }
      left--;
      return below.allocate(bytes);
    }

    @Override
    public String name() {
      return below.name();
    }

    @Override
    public WritePlan newPlan() {
      return below.newPlan();
    }

    @Override
    public DiskDirectory openDirectory(Path path) throws IOException {
      return below.openDirectory(path);
    }

    @Override
    public DiskDirectory createDirectory(Path path) throws IOException {
      return below.createDirectory(path);
    }

    @Override
    public void deleteDirectory(Path path) throws IOException {
      below.deleteDirectory(path);
    }
  }

  private static byte[] value(long index) {
    return ("value " + index).getBytes(StandardCharsets.UTF_8);
  }

  private WalConfig.Builder sealing() {
    return WalConfig.builder(dir).syncMode(SyncMode.BATCH).segmentThreshold(3).maxSegments(2);
  }

  @Test
  void fault37_memoryThatCannotBeHadAtOpen_failsTheOpen_andTheNextWorks() throws IOException {
    int failures = 0;
    for (int allowed = 0; ; allowed++) {
      memory.left = allowed;
      try (Wal wal = open(sealing())) {
        memory.left = Integer.MAX_VALUE;
        assertThat(wal.append(new byte[1])).isEqualTo(1);
        break;
      } catch (OutOfMemoryError e) {
        failures++;
      }
    }
    assertThat(failures).isGreaterThanOrEqualTo(3);
  }

  /** An entry beyond what was allocated at open needs memory; all others go on without. */
  @Test
  void fault37_memoryThatCannotBeHadForALargeEntry_refusesThatEntryAlone() throws IOException {
    try (Wal wal = open(database())) {
      wal.append(new byte[1]);
      memory.left = 0;

      assertThatThrownBy(() -> wal.append(new byte[6 << 20])).isInstanceOf(OutOfMemoryError.class);
      assertThat(Await.failure(wal.appendAsync(new byte[6 << 20])))
          .isInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() -> wal.append(new WriteBatch().add(new byte[1]).add(new byte[6 << 20])))
          .isInstanceOf(OutOfMemoryError.class);

      assertThat(wal.append(new byte[1 << 20])).isEqualTo(2);
      assertThat(wal.stats().failure()).isEmpty();
      memory.left = Integer.MAX_VALUE;
      assertThat(wal.append(new byte[6 << 20])).isEqualTo(3);
    }
    try (Wal wal = Wal.open(database().openCheck(OpenCheck.FULL).build())) {
      assertThat(wal.size()).isEqualTo(3);
    }
  }

  /** Starts so many workers, and then has no thread left. */
  private static final class FewThreads implements Threads {
    private int left;

    FewThreads(int left) {
      this.left = left;
    }

    @Override
    public void start(Worker worker) {
      if (left-- == 0) {
        throw new OutOfMemoryError("unable to create native thread");
      }
      REAL.start(worker);
    }

    @Override
    public long nanoTime() {
      return REAL.nanoTime();
    }

    @Override
    public void giveWay() {
      REAL.giveWay();
    }

    @Override
    public void awaitProgress(Worker worker) {
      REAL.awaitProgress(worker);
    }
  }

  @Test
  void fault37_threadThatCannotBeStarted_failsTheOpen_andTheNextWorks() throws IOException {
    for (int started = 0; started < 3; started++) {
      Threads few = new FewThreads(started);
      assertThatThrownBy(() -> open(sealing(), few)).isInstanceOf(OutOfMemoryError.class);

      try (Wal wal = open(sealing())) {
        assertThat(wal.append(new byte[1])).isEqualTo(started + 1);
      }
    }
  }

  @Test
  void fault55_permissionTakenAway_rotationFailsCleanly_andWorksAgain() throws IOException {
    try (Wal wal = open(sealing().maxSegments(0))) {
      disk.failFrom(
          Call.CREATE,
          disk.count(Call.CREATE) + 1,
          () -> new AccessDeniedException(null, null, "create segment: Permission denied"));

      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 20; i++) {
                  wal.append(value(wal.lastIndex() + 1));
                }
              })
          .isInstanceOf(WalException.class)
          .isNotInstanceOf(LogFailedException.class)
          .hasMessageContaining("Permission denied");

      long last = wal.lastIndex();
      assertThat(last).isGreaterThanOrEqualTo(3);
      assertThat(wal.stats().failure()).isEmpty();
      assertThat(wal.sync()).isEqualTo(last);
      disk.heal();
      while (wal.lastIndex() < last + 10) {
        wal.append(value(wal.lastIndex() + 1));
      }
      for (long index = 1; index <= last + 10; index++) {
        assertThat(wal.get(index).orElseThrow().value()).isEqualTo(value(index));
      }
    }
  }
}
