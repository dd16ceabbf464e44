package dev.walnut.internal.segment;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Memory;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** A log's segment files as readers use them: few open at a time, found again when needed. */
final class SegmentFiles {
  private static final System.Logger LOGGER = System.getLogger("dev.walnut");

  private final Disk disk;
  private final DiskDirectory directory;
  private final SegmentNames names;
  private final int openMax;
  private final Scratch.Pool scratches;

  /** Segments with an open file, oldest opening first; guarded by this. */
  private final Deque<Segment> open = new ArrayDeque<>();

  /** Guarded by this for writing. */
  private volatile boolean closed;

  /** Segments below it were removed, by retention or truncation. */
  private volatile int lowWater;

  SegmentFiles(Disk disk, DiskDirectory directory, SegmentNames names, int openMax) {
    this.disk = disk;
    this.directory = directory;
    this.names = names;
    this.openMax = openMax;
    this.scratches = new Scratch.Pool(disk);
  }

  Disk disk() {
    return disk;
  }

  DiskDirectory directory() {
    return directory;
  }

  SegmentNames names() {
    return names;
  }

  Scratch.Pool scratches() {
    return scratches;
  }

  String name(int number) {
    return names.segment(number);
  }

  /**
   * The next number.
   *
   * @throws WalException if there is none
   */
  int numberAfter(int number) throws WalException {
    if (number >= SegmentNames.NUMBER_MAX) {
      throw new WalException(
          "create a segment behind " + path(number) + ": no higher number is left");
    }
    return number + 1;
  }

  /** For messages. */
  Path path(int number) {
    return directory.path().resolve(name(number));
  }

  void lowWater(int oldestKept) {
    lowWater = oldestKept;
  }

  int lowWater() {
    return lowWater;
  }

  /** The segment as something to read from. */
  ByteSource source(Segment segment) {
    return (offset, target, from, length) -> read(segment, offset, target, from, length);
  }

  /**
   * Reads from a segment's file. It may have been closed since, to keep few open: then it is opened
   * again.
   */
  private int read(Segment segment, long offset, Memory target, int from, int length)
      throws IOException {
    while (true) {
      DiskFile file = segment.readFile();
      if (file == null) {
        file = open(segment);
      }
      try {
        return file.read(offset, target, from, length);
      } catch (ClosedChannelException e) {
        forget(segment, file);
      }
    }
  }

  private synchronized DiskFile open(Segment segment) throws IOException {
    DiskFile found = segment.readFile();
    if (found != null) {
      return found;
    }
    if (closed) {
      throw new ClosedChannelException();
    }
    DiskFile opened = openFile(segment.number());
    segment.readFile(opened);
    open.addLast(segment);
    while (open.size() > openMax) {
      closeOne(open.removeFirst());
    }
    return opened;
  }

  private DiskFile openFile(int number) throws IOException {
    try {
      return directory.openRead(name(number));
    } catch (NoSuchFileException e) {
      if (number < lowWater) {
        throw new CompactedException(
            "read " + path(number) + ": removed; the oldest segment left is " + lowWater);
      }
      throw e;
    }
  }

  private synchronized void forget(Segment segment, DiskFile stale) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (segment.readFile() == stale) {
      segment.readFile(null);
      open.remove(segment);
    }
  }

  /** Whoever comes by closes it, for others; of what was only read nothing can be lost. */
  private static void closeOne(Segment segment) {
    DiskFile file = segment.readFile();
    segment.readFile(null);
    if (file != null) {
      closeLogging(file);
    }
  }

  /** Closes a file that holds nothing unsynced: a failure loses nothing, and is logged. */
  static void closeLogging(DiskFile file) {
    try {
      file.close();
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.WARNING, "close " + file.name() + ": nothing is lost", e);
    }
  }

  /** Closes the file of a segment that was removed. */
  synchronized void release(Segment segment) {
    open.remove(segment);
    closeOne(segment);
  }

  /** Closes all; reads fail with {@link ClosedChannelException} from now on. */
  synchronized void close() {
    closed = true;
    while (!open.isEmpty()) {
      closeOne(open.removeFirst());
    }
  }

  /** Reads a sealed segment's offset table from its footer; a damaged one is made again. */
  OffsetTable loadTable(Segment segment, FooterSummary footer) throws IOException {
    Scratch scratch = scratches.take();
    try {
      FileWindow window =
          new FileWindow(
              source(segment),
              name(segment.number()),
              footer.summaryAt() + Format.SUMMARY_BYTES,
              scratch.memory,
              Scratch.BYTES);
      FooterReader reader = new FooterReader(window, segment.number(), segment.epoch());
      OffsetTable table = reader.readTable(footer);
      return table != null ? table : rebuildTable(segment, footer, window);
    } finally {
      scratches.give(scratch);
    }
  }

  private OffsetTable rebuildTable(Segment segment, FooterSummary footer, FileWindow window)
      throws IOException {
    return TableRebuilder.rebuild(this, segment, footer, window);
  }
}
