package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wrapper is itself a disk, and fails exactly where it was told to. */
class FaultyDiskTest {

  @Nested
  class Unharmed extends DiskContract {
    @Override
    Disk newDisk() {
      return new FaultyDisk(Disks.java());
    }
  }

  @TempDir Path temporary;

  private FaultyDisk disk;
  private DiskFile file;
  private WritePlan plan;

  @BeforeEach
  void open() throws IOException {
    disk = new FaultyDisk(Disks.java());
    file = disk.openDirectory(temporary).create("a");
    Memory memory = disk.allocate(100);
    memory.bytes().put(0, (byte) 1).put(99, (byte) 1);
    plan = disk.newPlan();
    plan.span(memory, 0, 60);
    plan.span(memory, 60, 40);
  }

  @Test
  void fail_nthCall_failsOnce() throws IOException {
    disk.fail(Call.SYNC, 2, FaultyDisk.ioError("sync a"));

    file.sync();
    assertThatThrownBy(file::sync)
        .isInstanceOf(FileSystemException.class)
        .hasMessage("sync a: Input/output error (5)");
    file.sync();
    assertThat(disk.count(Call.SYNC)).isEqualTo(3);
  }

  @Test
  void failFrom_nthCall_failsUntilHealed() throws IOException {
    disk.failFrom(Call.WRITE, 2, FaultyDisk.diskFull("write a"));

    file.write(0, plan, Durability.NONE);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> file.write(100, plan, Durability.NONE))
          .isInstanceOf(DiskFullException.class);
    }
    disk.heal();
    file.write(100, plan, Durability.NONE);
    assertThat(file.size()).isEqualTo(200);
  }

  @Test
  void shorten_write_leavesItsBeginning() throws IOException {
    disk.shorten(Call.WRITE, 1, 70, FaultyDisk.ioError("write a"));

    assertThatThrownBy(() -> file.write(0, plan, Durability.FILE))
        .isInstanceOf(FileSystemException.class);

    assertThat(Files.size(temporary.resolve("a"))).isEqualTo(70);
  }

  @Test
  void lose_write_saysItWrote() throws IOException {
    disk.lose(Call.WRITE, 1);

    assertThat(file.write(0, plan, Durability.FILE)).isEqualTo(100);
    assertThat(file.size()).isZero();
  }

  @Test
  void calls_areListedInOrder() throws IOException {
    file.write(0, plan, Durability.RANGE);
    file.sync();
    file.read(0, disk.allocate(1), 0, 1);

    assertThat(disk.calls().stream().map(FaultyDisk.Made::call))
        .containsExactly(Call.OPEN_DIRECTORY, Call.CREATE, Call.WRITE, Call.SYNC, Call.READ);
    assertThat(disk.countOfSyncs()).isEqualTo(2);
  }

  @Test
  void sync_onVirtualThread_isAnError() throws Exception {
    AtomicReference<Throwable> seen = new AtomicReference<>();
    Thread thread =
        startVirtual(
            () -> {
              try {
                file.sync();
              } catch (Throwable e) {
                seen.set(e);
              }
            });
    thread.join();

    assertThat(seen.get()).isInstanceOf(AssertionError.class).hasMessageContaining("virtual");
  }

  private static Thread startVirtual(Runnable task) throws ReflectiveOperationException {
    try {
      return (Thread)
          Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    } catch (NoSuchMethodException e) {
      return Assumptions.abort("this Java has no virtual threads");
    }
  }
}
