package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;

/** What a recording shows of a log on real files, whichever body is below. */
abstract class WalEventsContract extends LogContract {
  private Path log() {
    return dir().resolve("segment_");
  }

  private Recorded record() {
    return new Recorded(base.resolve("recording.jfr"));
  }

  @Test
  void batches_areRecordedWithTheirFigures() throws IOException {
    try (Recorded recorded = record()) {
      try (Wal wal = open(database().syncMode(SyncMode.NONE))) {
        wal.append(bytes("one"));
        wal.append(new WriteBatch().add("k", bytes("two")).add("k", bytes("three")));
        wal.appendWithSync(bytes("four"));
      }

      List<RecordedEvent> batches = recorded.of("Batch", log());

      assertThat(batches).extracting(e -> e.getInt("entries")).containsExactly(1, 2, 1);
      assertThat(batches).extracting(e -> e.getInt("requests")).containsOnly(1);
      assertThat(batches)
          .extracting(e -> e.getBoolean("durable"))
          .containsExactly(false, false, true);
      assertThat(batches).allSatisfy(e -> assertThat(e.getLong("recordBytes")).isPositive());
      assertThat(batches)
          .extracting(e -> e.getThread().getJavaName())
          .containsOnly(Thread.currentThread().getName());
    }
  }

  @Test
  void syncs_areRecordedWithTheDurableIndex_andOnlyThoseThatSyncSomething() throws IOException {
    try (Recorded recorded = record()) {
      // A log that never goes idle, so that no mark comes in between and has to be synced.
      Internals internals = new Internals(SegmentStores.INTERNALS.stores(), new SteppedThreads());
      try (Wal wal = Wal.open(database().syncMode(SyncMode.NONE).build(), internals)) {
        wal.appendWithSync(bytes("one"));
        wal.sync();
        wal.append(bytes("two"));
        wal.append(bytes("three"));
        wal.sync();

        assertThat(wal.stats().syncTimes().count()).isEqualTo(2);
      }

      List<RecordedEvent> syncs = recorded.of("Sync", log());

      assertThat(syncs).extracting(e -> e.getLong("durableIndex")).containsExactly(1L, 3L);
      assertThat(syncs).allSatisfy(e -> assertThat(e.getDuration()).isPositive());
    }
  }

  @Test
  void rotations_areRecordedWithTheNewSegment() throws IOException {
    long logBytes;
    try (Recorded recorded = record()) {
      try (Wal wal = open(unique())) {
        for (int i = 1; i <= 25; i++) {
          wal.append(bytes("value"));
        }
        assertThat(wal.stats().segments()).isEqualTo(3);
        logBytes = wal.stats().logBytes();
      }

      List<RecordedEvent> rotations = recorded.of("Rotation", log());

      assertThat(rotations).extracting(e -> e.getInt("segments")).containsExactly(2, 3);
      List<String> names =
          rotations.stream().map(e -> "segment_%09d".formatted(e.getInt("segment"))).toList();
      assertThat(names)
          .allMatch(name -> segmentNumbers().contains(name.replaceFirst("segment_0*", "")));
      assertThat(rotations.get(1).getLong("logBytes")).isBetween(1L, logBytes - 1);
    }
  }

  private List<String> segmentNumbers() {
    try {
      return segmentNames().stream().map(name -> name.replaceFirst("segment_0*", "")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void recoveries_areRecordedWithWhatWasFound() throws IOException {
    Path copy;
    try (Wal wal = open(unique())) {
      for (int i = 1; i <= 25; i++) {
        wal.appendWithSync(bytes("value"));
      }
      copy = copyWhileOpen("killed");
    }
    tearTheEnd(copy);

    try (Recorded recorded = record()) {
      try (Wal wal = open(unique(copy))) {
        assertThat(wal.stats().openNanos()).isPositive();
      }
      Path log = copy.resolve("segment_");

      RecordedEvent recovery = recorded.of("Recovery", log).get(0);

      assertThat(recovery.getBoolean("created")).isFalse();
      assertThat(recovery.getInt("segments")).isEqualTo(3);
      assertThat(recovery.getInt("segmentsScanned")).isPositive();
      assertThat(recovery.getLong("bytesScanned")).isPositive();
      assertThat(recovery.getLong("entries")).isEqualTo(25);
      assertThat(recovery.getLong("cutBytes")).isPositive();
      assertThat(recovery.getDuration()).isPositive();
    }
  }

  /** Puts bytes behind the last batch that are none. */
  private static void tearTheEnd(Path dir) throws IOException {
    Path tail = dir.resolve(segmentNames(dir).get(segmentNames(dir).size() - 1));
    long end = tailEnd(dir);
    try (var channel = Files.newByteChannel(tail, java.nio.file.StandardOpenOption.WRITE)) {
      channel.position(end).write(java.nio.ByteBuffer.wrap(bytes("torn, torn, torn")));
    }
  }

  private static long tailEnd(Path dir) throws IOException {
    long[] end = {0};
    Wal.inspect(
        dir,
        "segment_",
        new WalInspector() {
          @Override
          public void batch(BatchInfo batch) {
            end[0] = batch.offset() + batch.bytes();
          }
        });
    return end[0];
  }

  @Test
  void defaultSettings_leaveOutWhatIsQuick() throws IOException {
    try (jdk.jfr.Recording recording = new jdk.jfr.Recording()) {
      Recorded.NAMES.forEach(name -> recording.enable("dev.walnut." + name));
      recording.start();
      try (Wal wal = open(database())) {
        wal.append(bytes("one"));
      }
      recording.stop();
      Path file = base.resolve("default.jfr");
      recording.dump(file);

      List<RecordedEvent> events = jdk.jfr.consumer.RecordingFile.readAllEvents(file);

      assertThat(events.stream().filter(e -> e.getEventType().getName().endsWith("Recovery")))
          .hasSize(1);
      assertThat(events.stream().filter(e -> e.getEventType().getName().equals("dev.walnut.Batch")))
          .allSatisfy(e -> assertThat(e.getDuration().toMillis()).isGreaterThanOrEqualTo(10));
    }
  }
}
