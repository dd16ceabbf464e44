package dev.walnut;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** A recording of every event that logs make, however short. */
final class Recorded implements AutoCloseable {
  static final List<String> NAMES =
      List.of("Batch", "Sync", "SlowSync", "Rotation", "Stall", "Recovery");

  private final Recording recording = new Recording();
  private final Path file;

  Recorded(Path file) {
    this.file = file;
    NAMES.forEach(name -> recording.enable("dev.walnut." + name).withoutThreshold());
    recording.start();
  }

  /** Ends it; the events of one log and one kind, in order. */
  List<RecordedEvent> of(String name, Path log) throws IOException {
    if (recording.getState() == jdk.jfr.RecordingState.RUNNING) {
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("dev.walnut." + name))
        .filter(event -> event.getString("log").equals(log.toString()))
        .sorted((a, b) -> a.getStartTime().compareTo(b.getStartTime()))
        .toList();
  }

  @Override
  public void close() {
    recording.close();
  }
}
