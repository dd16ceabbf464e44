package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.BrokenInvariantException;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A writer whose state went wrong is stopped before its bytes, or its promise, go out. */
class InvariantsTest {
  @TempDir Path dir;

  private SegmentStore store;
  private Tail tail;
  private TreeMap<Long, String> written;

  @BeforeEach
  void writeSomeBatches() throws Exception {
    store = SegmentStore.open(StoreFixture.environment(Disks.java(), 1), StoreFixture.options(dir));
    for (int i = 1; i <= 5; i++) {
      append(true);
    }
    append(false);
    tail = (Tail) field("tail").get(store);
    written = StoreFixture.read(store);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void append(boolean durable) throws IOException {
    long index = store.pendingLastIndex() + 1;
    StoreFixture.add(store, index, "k", ("value " + index).getBytes(StandardCharsets.UTF_8));
    store.commit(durable);
  }

  private static Field field(String name) throws ReflectiveOperationException {
    Field field = SegmentStore.class.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private long durable() throws ReflectiveOperationException {
    return field("durable").getLong(store);
  }

  private void durable(long sequence) throws ReflectiveOperationException {
    field("durable").setLong(store, sequence);
  }

  private UnsyncedFiles unsynced() throws ReflectiveOperationException {
    return (UnsyncedFiles) field("unsynced").get(store);
  }

  private interface Tampering {
    void with(InvariantsTest test) throws ReflectiveOperationException;
  }

  /** What may go wrong in the state, and what is said of the next batch. */
  enum BeforeABatch {
    SEQUENCE_BACK(t -> t.tail.sequence--, "sequence 7 does not follow 7"),
    SEQUENCE_AHEAD(t -> t.tail.sequence++, "sequence 9 does not follow 7"),
    CHAIN(t -> t.tail.chain++, "as the batch before, not "),
    PLACE_BACK(t -> t.tail.position -= 64, "segment 0 ends at "),
    PLACE_AHEAD(t -> t.tail.position += 64, "segment 0 ends at "),
    DURABLE_AHEAD(t -> t.durable(t.tail.sequence), "durable through sequence 7, which must be"),
    DURABLE_BACK(t -> t.durable(1), "durable through sequence 1, which must be from 6 to 6");

    private final Tampering tampering;
    private final String said;

    BeforeABatch(Tampering tampering, String said) {
      this.tampering = tampering;
      this.said = said;
    }
  }

  @ParameterizedTest
  @EnumSource
  void commit_afterTheStateWentWrong_writesNothing(BeforeABatch wrong) throws Exception {
    Map<String, String> before = contentUpTo(tail.position);
    int end = tail.position;
    wrong.tampering.with(this);

    assertThatThrownBy(() -> append(true))
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessageStartingWith("write " + dir.resolve("segment_0") + " at offset ")
        .hasMessageContaining("a rule of the log is broken: ")
        .hasMessageContaining(wrong.said);

    assertThat(contentUpTo(end)).isEqualTo(before);
    for (long index : written.keySet()) {
      StoredEntry entry = store.get(index);
      assertThat(entry).isNotNull();
      assertThat(StoreFixture.line(entry)).as("reading goes on").isEqualTo(written.get(index));
    }
  }

  @Test
  void write_behindWhatAnyFileHolds_isRefused() throws Exception {
    tail.position = Integer.MAX_VALUE - 7;
    SegmentFiles files = (SegmentFiles) field("files").get(store);
    ByteBuffer laid = ByteBuffer.allocate(100);
    BatchHeader.encode(laid, 0, Format.KIND_ENTRIES, 64, 1, tail.sequence + 1, 0, tail.chain);

    assertThatThrownBy(() -> new Invariants(files, tail).beforeWrite(tail, laid, 0))
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessageEndingWith("no segment takes 112 bytes more there");
  }

  /** The bytes that hold batches, and those that must hold none: behind the end all is zero. */
  private Map<String, String> contentUpTo(int end) throws IOException {
    byte[] segment = LogFiles.content(dir).get("segment_0");
    return Map.of(
        "batches", Arrays.toString(Arrays.copyOf(segment, end)),
        "data ends", String.valueOf(LogFiles.dataEnd(segment)));
  }

  @Test
  void commit_ofZerosBeforeTheEnd_isRefused() throws Exception {
    tail.preparedTo = tail.position - 64L;

    assertThatThrownBy(() -> append(true))
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessage(
            "zero segment 0 at offset %d: a rule of the log is broken: its batches end at %d",
            tail.position - 64, tail.position);

    assertThat(StoreFixture.read(store)).isEqualTo(written);
  }

  @Test
  void sync_ofMoreThanWasWritten_isRefused() throws Exception {
    unsynced().wrote(0, tail.file, 100);
    unsynced().of(0).synced(100);

    assertThatThrownBy(() -> store.sync())
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessageStartingWith("sync ")
        .hasMessageEndingWith("durable through sequence 100, after 6, with 7 as the last written");

    assertThat(durable()).isEqualTo(6);
  }

  @Test
  void sync_thatForgotAFile_isNotPublished() throws Exception {
    unsynced().clear();

    assertThatThrownBy(() -> store.sync())
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessageEndingWith("nothing is unsynced, and yet only sequence 6 of 7 is durable");

    assertThat(store.durableIndex()).isEqualTo(5);
  }

  @Test
  void rotation_behindAnotherEnd_isRefused() throws Exception {
    tail.sequence++;

    assertThatThrownBy(() -> store.rotate())
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessage(
            "start %s at offset 0: a rule of the log is broken: it begins with sequence 9 behind 7",
            dir.resolve("segment_1"));
  }

  @Test
  void rotation_thatNamesAnotherEnd_isRefused() throws Exception {
    tail.position += 8;

    assertThatThrownBy(() -> store.rotate())
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessageContaining("it names Predecessor[number=0, ");
  }

  @Test
  void rotation_toANumberThatWasTaken_isRefused() throws Exception {
    tail = Tail.rotated(tail.header(), tail.file, 0);
    Invariants invariants = (Invariants) field("invariants").get(store);

    assertThatThrownBy(() -> invariants.rotated(tail.header()))
        .isInstanceOf(BrokenInvariantException.class)
        .hasMessageEndingWith("it follows segment 0");
  }
}
