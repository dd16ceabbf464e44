package dev.walnut.internal.segment;

import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Puts the log that salvage built in the place of the damaged one, by renames. */
final class SalvageSwap {
  /*
   * A file, the note, stands in the log's directory from before the first rename until after the
   * last one is durable. While it is there nothing opens the log, and salvage finishes the swap. So
   * what opens is the old log or the new one, whole. Numbers tell old files from new ones; a rename
   * replaces nothing, and the target's names are synced before the source's, so no file is ever
   * without a name.
   *
   * A note that is not whole was never durable, and nothing was renamed.
   */
  private static final System.Logger LOGGER = System.getLogger("dev.walnut");
  private static final int NOTE_BYTES_MAX = 4096;
  private static final int SAME_NAMES_MAX = 1000;
  private static final Pattern NOTE =
      Pattern.compile(
          "(walnut salvage 1\nfirst ([0-9]{1,10})\nlast ([0-9]{1,10})\nquarantine ([0-9]{1,10})\n)"
              + "sum ([0-9a-f]{8})\n");

  private final Disk disk;
  private final SegmentFiles files;
  private final int first;
  private final int last;
  private final int quarantine;

  /**
   * @param first the first new segment: every file with a smaller number is old
   * @param last the last new segment
   * @param quarantine names the folder for the old files
   */
  SalvageSwap(Disk disk, SegmentFiles files, int first, int last, int quarantine) {
    this.disk = disk;
    this.files = files;
    this.first = first;
    this.last = last;
    this.quarantine = quarantine;
  }

  /**
   * Refuses a log whose salvage was interrupted half way.
   *
   * @throws WalException if so
   */
  static void requireNone(SegmentFiles files, List<String> listed) throws WalException {
    if (listed.contains(files.names().swap())) {
      Path dir = files.directory().path();
      throw new WalException(
          "open "
              + dir
              + ": a salvage of this log was interrupted while it moved files, as "
              + dir.resolve(files.names().swap())
              + " tells; run salvage again to finish it");
    }
  }

  /** The swap that was begun and not finished, or null. */
  static @Nullable SalvageSwap begun(Disk disk, SegmentFiles files) throws IOException {
    String name = files.names().swap();
    if (!files.directory().listFiles().contains(name)) {
      return null;
    }
    SalvageSwap swap = decode(disk, files, read(disk, files, name));
    if (swap == null) {
      files.directory().delete(name);
      files.directory().sync();
    }
    return swap;
  }

  private static String read(Disk disk, SegmentFiles files, String name) throws IOException {
    Memory memory = disk.allocate(NOTE_BYTES_MAX);
    try (DiskFile file = files.directory().openRead(name)) {
      int there = (int) Math.min(file.size(), NOTE_BYTES_MAX);
      int read = file.read(0, memory, 0, there);
      if (read < there) { // to take it for a note that is not whole would give up what it tells of
        throw new EOFException(
            "read "
                + files.directory().path().resolve(name)
                + ": got "
                + read
                + " of "
                + there
                + " bytes");
      }
      byte[] bytes = new byte[read];
      memory.bytes().get(0, bytes);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private static @Nullable SalvageSwap decode(Disk disk, SegmentFiles files, String note) {
    Matcher parts = NOTE.matcher(note);
    if (!parts.matches() || !parts.group(5).equals(sum(parts.group(1)))) {
      return null;
    }
    return new SalvageSwap(
        disk,
        files,
        (int) Long.parseLong(parts.group(2)),
        (int) Long.parseLong(parts.group(3)),
        (int) Long.parseLong(parts.group(4)));
  }

  private static String sum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return String.format("%08x", crc.getValue());
  }

  /** Where the old files go. */
  Path quarantine() {
    return files.directory().path().resolve(files.names().quarantineFolder(quarantine));
  }

  // ---- the note

  /** Makes the note durable: from here on the swap will be finished. */
  void begin() throws IOException {
    try (DiskFile file = files.directory().create(files.names().swap())) {
      writeNote(file);
    }
    files.directory().sync();
  }

  /**
   * What an interrupted run left may not be durable, though it can be read: it is written again.
   */
  void beginAgain() throws IOException {
    try (DiskFile file = files.directory().open(files.names().swap())) {
      writeNote(file);
    }
    files.directory().sync();
  }

  /**
   * Takes back a note that could not be made durable.
   *
   * @return whether it is certain that there is none
   */
  boolean takeBack() {
    try {
      if (files.directory().listFiles().contains(files.names().swap())) {
        files.directory().delete(files.names().swap());
        files.directory().sync();
      }
      return true;
    } catch (IOException e) {
      LOGGER.log(
          System.Logger.Level.WARNING, "salvage: its note stays; run it again: " + e.getMessage());
      return false;
    }
  }

  private void writeNote(DiskFile file) throws IOException {
    String text =
        "walnut salvage 1\nfirst " + first + "\nlast " + last + "\nquarantine " + quarantine + "\n";
    byte[] note = (text + "sum " + sum(text) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    Memory memory = disk.allocate(note.length);
    memory.bytes().put(0, note);
    WritePlan plan = disk.newPlan();
    plan.span(memory, 0, note.length);
    file.write(0, plan, Durability.NONE);
    file.sync();
  }

  // ---- the renames

  /** Moves what has not been moved yet, and ends the swap. */
  void finish() throws IOException {
    moveOldOut();
    moveNewIn();
    files.directory().delete(files.names().swap());
    files.directory().sync();
  }

  private void moveOldOut() throws IOException {
    try (DiskDirectory kept = disk.createDirectory(quarantine())) {
      for (String name : files.directory().listFiles()) {
        int number = files.names().number(name);
        if (0 <= number && number < first) {
          moveOut(name, kept);
        }
      }
      kept.sync();
    }
    files.directory().sync();
  }

  private void moveOut(String name, DiskDirectory kept) throws IOException {
    String free = name;
    for (int i = 1; ; i++) {
      try {
        files.directory().rename(name, kept, free);
        return;
      } catch (FileAlreadyExistsException e) {
        if (i > SAME_NAMES_MAX) {
          throw e;
        }
        free = name + "_" + i;
      }
    }
  }

  private void moveNewIn() throws IOException {
    Set<String> there = new HashSet<>(files.directory().listFiles());
    DiskDirectory work = openFolder(disk, files);
    if (work == null) {
      requireThere(there, Set.of());
      return;
    }
    try (work) {
      Set<String> built = new HashSet<>(work.listFiles());
      requireThere(there, built);
      for (int number = first; number <= last; number++) {
        // A power cut may leave a renamed file with both of its names; the old one goes with the
        // folder.
        if (built.contains(files.name(number)) && !there.contains(files.name(number))) {
          work.rename(files.name(number), files.directory(), files.name(number));
        }
      }
      files.directory().sync();
      work.sync();
    }
  }

  private void requireThere(Set<String> there, Set<String> built) throws WalException {
    for (int number = first; number <= last; number++) {
      String name = files.name(number);
      if (!built.contains(name)) {
        requireThere(there, name);
      }
    }
  }

  private void requireThere(Set<String> there, String name) throws WalException {
    if (!there.contains(name)) {
      throw new WalException(
          "salvage "
              + files.directory().path()
              + ": "
              + name
              + ", which an interrupted salvage has built, is neither here nor in "
              + folder(files)
              + "; the old files are in "
              + quarantine());
    }
  }

  // ---- the working folder

  /** Where the new log is built. */
  static Path folder(SegmentFiles files) {
    return files.directory().path().resolve(files.names().salvageFolder());
  }

  private static @Nullable DiskDirectory openFolder(Disk disk, SegmentFiles files)
      throws IOException {
    try {
      return disk.openDirectory(folder(files));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Removes the working folder and the segments in it, if there is one. */
  static void discard(Disk disk, SegmentFiles files) throws IOException {
    DiskDirectory work = openFolder(disk, files);
    if (work == null) {
      return;
    }
    try (work) {
      for (String name : work.listFiles()) {
        if (files.names().number(name) >= 0) {
          work.delete(name);
        }
      }
    }
    disk.deleteDirectory(folder(files));
    files.directory().sync();
  }

  /** The same where there is nothing in it that could be lost. */
  static void discardLogging(Disk disk, SegmentFiles files) {
    try {
      discard(disk, files);
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.WARNING, "salvage: a working folder stays: " + e.getMessage());
    }
  }
}
