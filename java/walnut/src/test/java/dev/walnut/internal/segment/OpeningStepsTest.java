package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.NoSpaceException;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single steps of opening and closing that fail, or that must come in a certain order. */
class OpeningStepsTest {
  @TempDir Path base;

  private Path dir;
  private FaultyDisk disk;

  @BeforeEach
  void makeDisk() {
    dir = base.resolve("log");
    disk = new FaultyDisk(Disks.java());
  }

  private SegmentStore open(FaultyDisk on, boolean ahead) throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 0, 4 << 20, 0, false, ahead, 64 * 1024, 8, false);
    return SegmentStore.open(StoreFixture.environment(on, 1), options);
  }

  private static void put(SegmentStore store, long index, boolean durable) throws IOException {
    byte[] value = ("value " + index).getBytes(StandardCharsets.UTF_8);
    StoreFixture.add(store, index, "key", value);
    store.commit(durable);
  }

  /** How many handles were opened and not closed. */
  private static int open(FaultyDisk on) {
    int opened =
        Stream.of(
                Call.CREATE, Call.OPEN, Call.OPEN_READ, Call.OPEN_DIRECTORY, Call.CREATE_DIRECTORY)
            .mapToInt(on::count)
            .sum();
    return opened - on.count(Call.CLOSE);
  }

  private void spoil(String text) throws IOException {
    Path file = dir.resolve("segment_0");
    byte[] bytes = Files.readAllBytes(file);
    bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text)] ^= 1;
    Files.write(file, bytes);
  }

  /**
   * After a sync of the zeros over a footer that failed, the cache shows zeros and the disk may
   * hold the footer; were it to come back, it would hide every batch written since.
   */
  @Test
  void open_zerosOverAFooterWereNotSynced_writesAndSyncsThemBeforeAnyBatch() throws IOException {
    SegmentStore store = open(disk, true);
    put(store, 1, true);
    store.finish();
    store.close();
    FaultyDisk failing = new FaultyDisk(Disks.java());
    failing.fail(Call.SYNC, 1, FaultyDisk.ioError("sync"));
    assertThatThrownBy(() -> open(failing, true)).isInstanceOf(IOException.class);
    byte[] left = Files.readAllBytes(dir.resolve("segment_0"));
    assertThat(Arrays.copyOfRange(left, left.length - Format.SUMMARY_BYTES, left.length))
        .containsOnly(0);

    FaultyDisk again = new FaultyDisk(Disks.java());
    open(again, true).close();

    List<FaultyDisk.Made> calls =
        again.calls().stream().filter(c -> c.name().equals("segment_0")).toList();
    int firstBatch = 0;
    while (calls.get(firstBatch).durability() != Durability.RANGE) {
      firstBatch++;
    }
    assertThat(calls.subList(0, firstBatch))
        .extracting(FaultyDisk.Made::call)
        .as("what was not proven durable again, then the zeros")
        .containsSubsequence(Call.WRITE, Call.SYNC, Call.WRITE, Call.SYNC);
  }

  @Test
  void open_noRoomForAMissingFooter_doesWithoutIt() throws IOException {
    SegmentStore store = open(disk, false);
    put(store, 1, true);
    store.rotate(); // the chore that writes the footer never runs
    put(store, 2, true);
    store.close();
    FaultyDisk probe = new FaultyDisk(Disks.java());
    Path copy = base.resolve("copy");
    StoreFixture.copy(dir, copy);
    open(probe, false).close();
    dir = copy;

    FaultyDisk full = new FaultyDisk(Disks.java());
    full.fail(Call.WRITE, probe.count(Call.WRITE), FaultyDisk.diskFull("write"));
    SegmentStore again = open(full, false);

    assertThat(StoreFixture.read(again).keySet()).containsExactly(1L, 2L);
    again.close();
  }

  @Test
  void open_noRoomToKeepATornEndAside_isNoSpace_andWorksLater() throws IOException {
    SegmentStore store = open(disk, true);
    put(store, 1, true);
    put(store, 2, false);
    store.close();
    spoil("value 2");
    FaultyDisk full = new FaultyDisk(Disks.java());
    full.failFrom(Call.CREATE, 1, FaultyDisk.diskFull("create"));

    assertThatThrownBy(() -> open(full, true))
        .isInstanceOf(NoSpaceException.class)
        .hasMessageContaining(dir.toString());

    assertThat(open(full)).as("handles, and the create that failed").isEqualTo(1);
    SegmentStore again = open(disk, true);
    assertThat(StoreFixture.read(again).keySet()).containsExactly(1L);
    assertThat(again.recovery().keptAside()).hasSize(1);
    again.close();
  }

  /** The first opening keeps the bytes aside and dies half way through putting zeros over them. */
  @Test
  void open_cutShortWhileZeroing_keepsTheWholeCopy() throws IOException {
    SegmentStore store = open(disk, false);
    put(store, 1, true);
    store.close();
    Path file = dir.resolve("segment_0");
    int end = Format.align(lastByte(Files.readAllBytes(file)) + 1);
    byte[] torn = Arrays.copyOf(Files.readAllBytes(file), end + 200_000);
    Arrays.fill(torn, end, torn.length, (byte) 0x55);
    Files.write(file, torn);
    FaultyDisk probe = new FaultyDisk(Disks.java());
    Path copy = base.resolve("copy");
    StoreFixture.copy(dir, copy);
    open(probe, false).close();
    dir = copy;
    int lastZeros = probe.count(Call.WRITE) - 1; // the mark follows

    FaultyDisk failing = new FaultyDisk(Disks.java());
    failing.fail(Call.WRITE, lastZeros, FaultyDisk.ioError("write"));
    assertThatThrownBy(() -> open(failing, false)).isInstanceOf(IOException.class);
    SegmentStore again = open(disk, false);

    byte[] kept = Files.readAllBytes(again.recovery().keptAside().get(0));
    again.close();
    assertThat(kept).hasSize(200_000).containsOnly(0x55);
  }

  private static int lastByte(byte[] bytes) {
    int last = bytes.length - 1;
    while (bytes[last] == 0) {
      last--;
    }
    return last;
  }

  @Test
  void open_manyCutSegments_keepsASetNumberAside_allOfWhichExist() throws IOException {
    SegmentStore store = open(disk, false);
    for (int index = 1; index <= 25; index++) {
      if (index > 1) {
        store.rotate();
      }
      put(store, index, false);
    }
    store.close();
    spoil("value 1");

    SegmentStore again = open(disk, false);

    assertThat(again.recovery().keptAside()).hasSize(SideFiles.COUNT_MAX).allMatch(Files::exists);
    again.close();
  }

  @Test
  void open_fails_leavesNoHandleOpen() throws IOException {
    SegmentStore store = open(disk, true);
    put(store, 1, true);
    store.finish();
    store.close();
    for (Call call : new Call[] {Call.READ, Call.WRITE, Call.SYNC}) {
      for (int number = 1; number <= 4; number++) {
        FaultyDisk failing = new FaultyDisk(Disks.java());
        failing.fail(call, number, FaultyDisk.ioError("fail"));
        try {
          open(failing, true).close();
        } catch (IOException e) {
          assertThat(open(failing)).as("%s %d", call, number).isZero();
        }
      }
    }
  }

  @Test
  void close_afterRotations_leavesNoHandleOpen() throws IOException {
    SegmentStore store = open(disk, true);
    for (int index = 1; index <= 8; index++) {
      store.rotate();
      put(store, index, true);
    }
    StoreFixture.runChores(store);
    store.sync();
    store.finish();
    store.close();

    assertThat(open(disk)).isZero();
  }

  @Test
  void create_directoryIsThereAlready_itsNameIsSyncedAllTheSame() throws IOException {
    Files.createDirectory(dir);

    open(disk, true).close();

    assertThat(disk.calls())
        .anyMatch(c -> c.call() == Call.SYNC_DIRECTORY && c.name().equals(base.toString()));
  }
}
