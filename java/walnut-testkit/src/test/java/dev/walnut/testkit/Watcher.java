package dev.walnut.testkit;

import dev.walnut.testkit.Mix.Place;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Knows what is going on when the machine stops, and can have it stop there. */
final class Watcher implements Storage.Observer {
  private static final Pattern SEGMENT = Pattern.compile("segment_\\d+");

  private final SimulatedDisk disk;
  private Place place = Place.BETWEEN;
  private boolean rotates;
  private long stopInRotation;
  private long trace;
  private StringBuilder story;

  Watcher(SimulatedDisk disk) {
    this.disk = disk;
  }

  /** Something begins; until the next begins, a stop is in it. */
  void begin(Place newPlace) {
    place = newPlace;
    rotates = false;
  }

  Place place() {
    return rotates ? Place.ROTATION : place;
  }

  /** Has the machine stop so many calls behind the next begin of a rotation. */
  void stopInRotation(long calls) {
    stopInRotation = calls;
  }

  long trace() {
    return trace;
  }

  /** Writes every call down, for whoever looks into a failure. */
  void tell() {
    story = new StringBuilder();
  }

  String story() {
    return String.valueOf(story);
  }

  void note(String what) {
    if (story != null) {
      story.append("  ").append(what).append('\n');
    }
  }

  @Override
  public void called(DiskCall call, Path path, long offset, long length) {
    trace = 31 * trace + call.ordinal();
    trace = 31 * trace + path.hashCode();
    trace = 31 * (31 * trace + offset) + length;
    note(place + " " + call + " " + path.getFileName() + " " + offset + " " + length);
    if (place != Place.RECOVERY && isRotation(call, path, offset)) {
      rotates = true;
      if (stopInRotation > 0) {
        disk.storage().stopAt(stopInRotation);
        stopInRotation = 0;
      }
    }
  }

  private static boolean isRotation(DiskCall call, Path path, long offset) {
    boolean segment = SEGMENT.matcher(String.valueOf(path.getFileName())).matches();
    return segment
        && switch (call) {
          case CREATE, DELETE, TRUNCATE -> true;
          case WRITE -> offset == 0;
          default -> false;
        };
  }
}
