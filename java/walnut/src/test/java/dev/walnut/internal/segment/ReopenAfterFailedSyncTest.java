package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Pages whose sync failed are clean for the system: reads show them until it lets go of them, and a
 * further sync writes nothing. So opening writes again what it finds above the durable mark, before
 * it syncs and shows it.
 */
class ReopenAfterFailedSyncTest {
  private static final byte[] VALUE = "a value".getBytes(java.nio.charset.StandardCharsets.UTF_8);

  @TempDir Path dir;

  private Path segment;
  private int lostFrom;
  private int lostTo;

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault47_pagesOfAFailedSync_areWrittenAgainAndSyncedBeforeTheyAreShown(Body body)
      throws IOException {
    writeAndFailToSync(body);
    List<String> calls = new ArrayList<>();

    GatedDisk.Gate letsGoOfPages =
        (call, arguments) -> {
          if (call.getName().equals("write") && !calls.contains("write")) {
            letGoOfPages();
          }
          note(calls, call, arguments);
          return true;
        };
    try (SegmentStore reopened =
        SegmentStore.open(
            StoreFixture.environment(GatedDisk.of(body.disk(), letsGoOfPages), 2),
            StoreFixture.options(dir))) {
      assertThat(StoreFixture.read(reopened)).containsOnlyKeys(1L, 2L, 3L);
      assertThat(calls).as("nothing is shown before it is synced").endsWith("sync");
    }

    try (ReadOnlyStore left =
        ReadOnlyStore.open(StoreFixture.environment(body.disk(), 3), dir, "segment_")) {
      assertThat(StoreFixture.read(left)).as("in the file").containsOnlyKeys(1L, 2L, 3L);
    }
  }

  /** Entry 1 is durable; 2 and 3 are written, and their sync fails. */
  private void writeAndFailToSync(Body body) throws IOException {
    FaultyDisk disk = new FaultyDisk(body.disk());
    try (SegmentStore store =
        SegmentStore.open(StoreFixture.environment(disk, 1), StoreFixture.options(dir))) {
      segment = dir.resolve("segment_0");
      StoreFixture.add(store, 1, "k", VALUE);
      store.commit(/* durable= */ true);
      lostFrom = writtenEnd(store);
      StoreFixture.add(store, 2, "k", VALUE);
      store.commit(/* durable= */ false);
      StoreFixture.add(store, 3, "k", VALUE);
      store.commit(/* durable= */ false);
      lostTo = writtenEnd(store);
      disk.fail(Call.SYNC, disk.count(Call.SYNC) + 1, FaultyDisk.ioError("sync"));
      assertThatThrownBy(store::sync).isInstanceOf(IOException.class).hasMessageContaining("sync");
    }
  }

  private static int writtenEnd(SegmentStore store) {
    return (int) store.counts().logBytes();
  }

  /** The disk has never had them. */
  private void letGoOfPages() throws IOException {
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(lostTo - lostFrom), lostFrom);
    }
  }

  private static void note(List<String> calls, Method call, Object[] arguments) {
    boolean durable =
        call.getName().equals("write")
            && arguments[arguments.length - 1] instanceof Durability durability
            && durability != Durability.NONE;
    if (call.getName().equals("write") || call.getName().equals("sync")) {
      calls.add(call.getName());
    }
    if (durable) {
      calls.add("sync");
    }
  }
}
