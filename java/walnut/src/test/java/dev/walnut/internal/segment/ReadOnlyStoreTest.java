package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading a log whose files change under the reader. */
class ReadOnlyStoreTest {
  private static final int OPENINGS = 300;

  @TempDir Path dir;

  private SegmentStore openWriter() throws IOException {
    StoreOptions options =
        new StoreOptions(dir, "segment_", 50, 4 << 20, 3, false, true, 64 * 1024, 8, false);
    return SegmentStore.open(StoreFixture.environment(Disks.java(), 1), options);
  }

  private static void put(SegmentStore store) throws IOException {
    if (!store.fits(1, 200)) {
      store.rotate();
    }
    StoreFixture.add(store, store.pendingLastIndex() + 1, "key", new byte[100]);
    store.commit(true);
    StoreFixture.runChores(store);
  }

  @Test
  void open_besideAWriter_neverCallsItsWorkDamage() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    SegmentStore writer = openWriter();
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(
            () -> {
              try {
                while (!stop.get()) {
                  put(writer);
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            thread);

    long last = 0;
    for (int i = 0; i < OPENINGS; i++) {
      try (ReadOnlyStore reader =
          ReadOnlyStore.open(StoreFixture.environment(Disks.java(), 2), dir, "segment_")) {
        assertThat(reader.lastIndex()).isGreaterThanOrEqualTo(last);
        last = reader.lastIndex();
      }
    }
    stop.set(true);
    writing.get();
    thread.shutdown();
    writer.close();
  }

  @Test
  void open_fileGetsShorterUnderTheReader_looksAgain() throws IOException {
    SegmentStore writer = openWriter();
    put(writer);
    writer.close();
    FaultyDisk disk = new FaultyDisk(Disks.java());
    disk.fail(Call.READ, 2, () -> new EOFException("cut behind its footer"));

    try (ReadOnlyStore reader =
        ReadOnlyStore.open(StoreFixture.environment(disk, 2), dir, "segment_")) {
      assertThat(reader.lastIndex()).isEqualTo(1);
    }
  }

  @Test
  void open_fileStaysShort_saysSoInTheEnd() throws IOException {
    SegmentStore writer = openWriter();
    put(writer);
    writer.close();
    FaultyDisk disk = new FaultyDisk(Disks.java());
    disk.failFrom(Call.READ, 2, () -> new EOFException("short"));

    assertThatThrownBy(() -> ReadOnlyStore.open(StoreFixture.environment(disk, 2), dir, "segment_"))
        .isInstanceOf(EOFException.class);
  }
}
