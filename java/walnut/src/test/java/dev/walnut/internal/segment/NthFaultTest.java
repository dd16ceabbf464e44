package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A script of opening, writing, rotating and closing in which the Nth call of a kind fails: then
 * the log is opened on a healthy disk, and holds what was acknowledged and nothing that was not
 * attempted.
 */
class NthFaultTest {
  @TempDir Path base;

  Disk disk() throws IOException {
    return Disks.java();
  }

  /** No power is cut here, so a sync that is not made to fail need not be made. */
  private Disk quick() throws IOException {
    return GatedDisk.withoutSyncs(disk());
  }

  /** How far the script came. */
  private static final class Progress {
    final TreeMap<Long, String> attempted = new TreeMap<>();
    long acknowledged;
    boolean failed;
  }

  private static StoreOptions options(Path dir) {
    return new StoreOptions(dir, "segment_", 5, 64 * 1024, 0, true, true, 65536, 2, false);
  }

  private static Progress run(FaultyDisk disk, Path dir) {
    Progress progress = new Progress();
    for (int life = 0; life < 2 && !progress.failed; life++) {
      try {
        live(disk, dir, progress);
      } catch (IOException e) {
        progress.failed = true;
      }
    }
    return progress;
  }

  /** After a failure nothing more is written: the log has failed. */
  private static void live(FaultyDisk disk, Path dir, Progress progress) throws IOException {
    SegmentStore store = SegmentStore.open(StoreFixture.environment(disk, 5), options(dir));
    try {
      for (int batch = 0; batch < 8; batch++) {
        if (!store.fits(2, 100)) {
          store.rotate();
        }
        write(store, progress);
        StoreFixture.runChores(store);
      }
      store.finish();
    } finally {
      store.close();
    }
  }

  private static void write(SegmentStore store, Progress progress) throws IOException {
    for (int i = 0; i < 2; i++) {
      long index = store.pendingLastIndex() + 1;
      byte[] value = ("value " + index).getBytes(StandardCharsets.UTF_8);
      StoreFixture.add(store, index, "k", value);
      progress.attempted.put(index, StoreFixture.line(index, "k", value, false));
    }
    long last = store.pendingLastIndex();
    store.commit(true);
    progress.acknowledged = last;
  }

  private void assertRecovers(Path dir, Progress progress, String when) throws IOException {
    SegmentStore store;
    try {
      store = SegmentStore.open(StoreFixture.environment(quick(), 6), options(dir));
    } catch (IOException e) {
      throw new AssertionError(when + ": the log does not open", e);
    }
    TreeMap<Long, String> found = StoreFixture.read(store);
    store.close();
    long last = found.isEmpty() ? 0 : found.lastKey();
    assertThat(last).as(when).isGreaterThanOrEqualTo(progress.acknowledged);
    assertThat(found).as(when).isEqualTo(new TreeMap<>(progress.attempted.headMap(last, true)));
    assertThat(last % 2).as(when + ": a batch is whole").isZero();
  }

  @ParameterizedTest
  @EnumSource(FaultyDisk.Call.class)
  void script_nthCallFails_losesAndInventsNothing(FaultyDisk.Call call) throws IOException {
    int number = 1;
    boolean reached = true;
    while (reached) {
      Path dir = Files.createDirectories(base.resolve(call + "-" + number));
      FaultyDisk disk = new FaultyDisk(quick());
      disk.fail(call, number, FaultyDisk.ioError(call.toString()));

      Progress progress = run(disk, dir);

      assertRecovers(dir, progress, call + " " + number);
      reached = disk.count(call) >= number;
      number++;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = FaultyDisk.Call.class,
      names = {"WRITE", "SYNC", "SYNC_DIRECTORY", "CREATE", "DELETE", "TRUNCATE"})
  void recovery_nthCallFails_isRepeatable(FaultyDisk.Call call) throws IOException {
    boolean reached = true;
    for (int number = 1; reached; number++) {
      Path dir = Files.createDirectories(base.resolve("again-" + call + "-" + number));
      FaultyDisk writing = new FaultyDisk(quick());
      writing.fail(FaultyDisk.Call.SYNC, 12, FaultyDisk.ioError("sync"));
      Progress progress = run(writing, dir);
      FaultyDisk recovering = new FaultyDisk(quick());
      recovering.fail(call, number, FaultyDisk.ioError(call.toString()));

      try {
        SegmentStore.open(StoreFixture.environment(recovering, 8), options(dir)).close();
      } catch (IOException e) {
        // cut short, as planned: the next open takes over
      }

      assertRecovers(dir, progress, "recovery, " + call + " " + number);
      reached = recovering.count(call) >= number;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = FaultyDisk.Call.class,
      names = {"WRITE", "CREATE", "RESERVE"})
  void diskFull_nthCall_losesNothing(FaultyDisk.Call call) throws IOException {
    boolean reached = true;
    for (int number = 1; reached; number++) {
      Path dir = Files.createDirectories(base.resolve("full-" + call + "-" + number));
      FaultyDisk disk = new FaultyDisk(quick());
      disk.fail(call, number, FaultyDisk.diskFull(call.toString()));

      Progress progress = run(disk, dir);

      assertRecovers(dir, progress, "full, " + call + " " + number);
      reached = disk.count(call) >= number;
    }
  }
}
