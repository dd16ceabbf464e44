package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.BATCH_HEADER_BYTES;
import static dev.walnut.internal.segment.Format.RECORD_TYPE_AT;

import dev.walnut.exception.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds every intact record of a segment, whatever lies around it, and keeps those of write batches
 * that are whole.
 */
final class SalvageScanner {
  /*
   * A record is proven by its own checksum, which its place salts, so it may be looked for anywhere.
   * Only bytes that are a record in every other respect are summed.
   *
   * Write batches. A record is joined to the one before it if its top bit says so. Of a damaged
   * record that bit may be wrong; if one other type alone makes its checksum right, that type was
   * it. If nothing tells, it may have been joined, and the write batch before it counts as hit. What
   * follows damage and is joined is hit too.
   *
   * Sums that prove nothing are paid from a budget of a few times the file, which accidents do not
   * use up. Without it a file made for the purpose could cost the square of its length.
   */
  private static final int BUDGET_TIMES = 8;

  /** Hears of what is not kept. */
  interface Sink {
    /** Records, or nothing at all, may have been in these bytes. */
    void lost(long from, long to);

    /** An intact entry whose write batch is not whole. */
    void dropped(long index);
  }

  private final FileWindow window;
  private final SaltedCrc crc;
  private final RecordView record;
  private final Path path;
  private final int number;
  private final long epoch;
  private final SegmentReplay replay;
  private final Sink sink;

  private long budget;

  /** The same for types that a damaged record may have had. */
  private long guesses;

  private long dataEnd;
  private long lastBatchEnd = Format.HEADER_BYTES;
  private long lastSequence;
  private int found;

  /** Where the write batch being read starts among the replay's records; whether it is hit. */
  private int runStart;

  private boolean runHit;

  SalvageScanner(
      FileWindow window,
      Scratch scratch,
      Path path,
      int number,
      long epoch,
      SegmentReplay replay,
      Sink sink) {
    this.window = window;
    this.crc = scratch.crc;
    this.record = scratch.record;
    this.path = path;
    this.number = number;
    this.epoch = epoch;
    this.replay = replay;
    this.sink = sink;
  }

  /** Where the last authentic batch ends. */
  long lastBatchEnd() {
    return lastBatchEnd;
  }

  /** The last sequence of an authentic batch; 0 if there is none. */
  long lastSequence() {
    return lastSequence;
  }

  /** How many intact structures were found; 0 if the epoch is a wrong one. */
  int found() {
    return found;
  }

  /** Looks at everything between the header block and {@code limit}. */
  void scan(long limit) throws IOException {
    budget = BUDGET_TIMES * Math.min(window.fileBytes(), Format.SEGMENT_BYTES_LIMIT);
    guesses = budget;
    dataEnd = Math.min(limit, window.endOfData(Format.HEADER_BYTES));
    long offset = Format.HEADER_BYTES;
    while (offset < dataEnd) {
      BatchHeader header = headerAt(offset, limit);
      offset = header == null ? hole(offset, limit) : batch(offset, header, limit);
    }
  }

  private @Nullable BatchHeader headerAt(long offset, long limit) throws IOException {
    if (offset + BATCH_HEADER_BYTES > limit) {
      return null;
    }
    int at = window.at(offset, BATCH_HEADER_BYTES);
    BatchHeader header =
        BatchHeader.decodeAuthentic(window.bytes(), at, crc, epoch, number, offset);
    return header != null && header.isPlausible(Format.SEGMENT_BYTES_LIMIT - offset)
        ? header
        : null;
  }

  private long batch(long offset, BatchHeader header, long limit) throws IOException {
    if (!header.isKnown()) {
      throw new UnsupportedFormatException(
          "salvage "
              + path
              + " at offset "
              + offset
              + ": batch kind "
              + header.kind()
              + " with flags "
              + header.flags()
              + " is not known to this version");
    }
    found++;
    long bodyEnd = offset + header.bytes();
    lastBatchEnd = bodyEnd;
    lastSequence = Math.max(lastSequence, header.lastSequence());
    closeRun();
    new Body(Math.min(bodyEnd, limit), header.records(), bodyEnd <= limit)
        .read(offset + BATCH_HEADER_BYTES);
    return bodyEnd;
  }

  /** Bytes where a batch should be and is none, up to the next one. */
  private long hole(long offset, long limit) throws IOException {
    long end = offset;
    do {
      end += Format.BATCH_ALIGN;
    } while (end < dataEnd && headerAt(end, limit) == null);
    boolean followed = end < dataEnd;
    long to = followed ? end : limit;
    closeRun();
    runHit = true; // what is joined to something here cannot be whole
    int saidRecords = 0;
    long saidEnd = 0;
    if (offset + BATCH_HEADER_BYTES < to) {
      int at = window.at(offset, BATCH_HEADER_BYTES);
      saidEnd = offset + BATCH_HEADER_BYTES + window.bytes().getInt(at + 8);
      saidRecords = window.bytes().getInt(at + 12);
    }
    Body body = new Body(to, saidRecords, followed || limit < window.fileBytes());
    body.saidEnd = saidEnd;
    long start = offset + BATCH_HEADER_BYTES;
    if (start < to && isRecord(start, to)) {
      body.read(start); // only the batch's header is damaged
    } else {
      body.read(body.hunt(offset));
    }
    return to;
  }

  private void closeRun() {
    runStart = replay.count();
    runHit = false;
  }

  /** The records of one body, or of a stretch in which bodies may lie. */
  private final class Body {
    private static final long NOWHERE = -1;

    private final long end;
    private final int records;
    private final boolean endKnown;
    private long saidEnd;
    private int read;
    private boolean anyLost;

    /**
     * @param records how many there are, by the header
     * @param endKnown whether the stretch ends because something else starts there
     */
    Body(long end, int records, boolean endKnown) {
      this.end = end;
      this.records = records;
      this.endKnown = endKnown;
    }

    /** Reads from a place where a record starts. */
    void read(long from) throws IOException {
      long place = from;
      while (place != NOWHERE) {
        place = stretch(place);
      }
    }

    /** Reads records that lie behind one another; returns where the next one starts, if any. */
    private long stretch(long from) throws IOException {
      long place = from;
      while (place < end && isRecord(place, end)) {
        found++;
        read++;
        long next = place + record.bytes;
        keep(place);
        place = next;
      }
      if (isEnd(place)) {
        closeRun();
        return NOWHERE;
      }
      if (place >= end || joinedBit(place, end) != 0) {
        dropRun();
      }
      runHit = true;
      return place < end ? hunt(place) : NOWHERE;
    }

    private boolean isEnd(long place) throws IOException {
      if (!anyLost && (read == records || Format.align((int) place) == saidEnd)) {
        return true;
      }
      return endKnown && end - place < Format.BATCH_ALIGN && isZero(place, end);
    }

    /** Looks for the next record. */
    private long hunt(long from) throws IOException {
      long next = nextRecord(from, end);
      sink.lost(from, Math.max(from, Math.min(next, dataEnd)));
      runHit = true;
      anyLost = true;
      return next < end ? next : NOWHERE;
    }
  }

  private boolean isZero(long from, long to) throws IOException {
    for (long at = from; at < to; at++) {
      if (window.bytes().get(window.at(at, 1)) != 0) {
        return false;
      }
    }
    return true;
  }

  private long nextRecord(long from, long end) throws IOException {
    long trusted = from + lengthAt(from, end);
    if (trusted > from && trusted < end && isRecord(trusted, end)) {
      return trusted;
    }
    long stop = Math.min(end, dataEnd);
    for (long place = from + 1; place < stop && budget > 0; place++) {
      if (isRecord(place, end)) {
        return place;
      }
    }
    return end;
  }

  /** The length that the record at a place claims, if it can be that; else 0. */
  private long lengthAt(long place, long end) throws IOException {
    if (place + Format.RECORD_BYTES_MIN > end) {
      return 0;
    }
    record.readHead(window.bytes(), window.at(place, RecordView.SLACK));
    return record.fitsIn(end - place) ? record.bytes : 0;
  }

  // ---- one record

  /** Whether an intact record starts at a place; then the view shows it. */
  private boolean isRecord(long place, long end) throws IOException {
    if (lengthAt(place, end) == 0 || !looksRight(place) || budget <= 0) {
      return false;
    }
    int stored = window.bytes().getInt(window.at(place, RecordView.SLACK));
    crc.begin(epoch, number, (int) place);
    window.update(crc, place + 4, place + record.bytes);
    if (crc.end() == stored) {
      return true;
    }
    budget -= record.bytes;
    return false;
  }

  private boolean looksRight(long place) throws IOException {
    int at = window.at(place, RecordView.SLACK);
    record.readHead(window.bytes(), at);
    if (record.type < Format.TYPE_ENTRY || record.type > Format.TYPE_MARK) {
      return false;
    }
    if (record.type != Format.TYPE_ENTRY) {
      return record.readOther(window.bytes(), at) == RecordView.Shape.COMMON
          && record.oldestSegmentFits(number);
    }
    return record.readEntry(window.bytes(), at) == RecordView.Shape.COMMON
        && record.readValue(window.bytes(), window.at(place + record.keyEnd(), RecordView.SLACK))
            == RecordView.Shape.COMMON;
  }

  /**
   * 0 if the damaged record at a place was not joined to the one before, 1 if so, −1 if unknown.
   */
  private int joinedBit(long place, long end) throws IOException {
    if (place + RECORD_TYPE_AT >= end) {
      return -1;
    }
    int stated = window.bytes().get(window.at(place, RecordView.SLACK) + RECORD_TYPE_AT) & 0xFF;
    long bytes = lengthAt(place, end);
    if (bytes > 0) {
      for (int type = Format.TYPE_ENTRY; type <= Format.TYPE_MARK; type++) {
        for (int joined = 0; joined <= Format.TYPE_JOINED; joined += Format.TYPE_JOINED) {
          if (guesses > 0 && sumAs(place, bytes, type | joined)) {
            return joined == 0 ? 0 : 1;
          }
        }
      }
    }
    int type = stated & ~Format.TYPE_JOINED;
    boolean plausible = Format.TYPE_ENTRY <= type && type <= Format.TYPE_MARK;
    return plausible ? stated >> 7 : -1;
  }

  /** Whether the record's checksum is right if its type is taken to be another. */
  private boolean sumAs(long place, long bytes, int type) throws IOException {
    guesses -= bytes;
    int at = window.at(place, RecordView.SLACK);
    int stored = window.bytes().getInt(at);
    byte[] head = new byte[5];
    window.bytes().get(at + 4, head);
    head[4] = (byte) type;
    crc.begin(epoch, number, (int) place);
    crc.update(ByteBuffer.wrap(head), 0, head.length);
    window.update(crc, place + RECORD_TYPE_AT + 1, place + bytes);
    return crc.end() == stored;
  }

  // ---- write batches

  private void keep(long place) {
    if (!record.joined) {
      closeRun();
    } else if (runHit) {
      if (record.type == Format.TYPE_ENTRY) {
        sink.dropped(record.index);
      }
      return;
    }
    if (record.type != Format.TYPE_MARK) {
      replay.add(record.type, record.index, (int) place, (int) record.oldestSegment);
    }
  }

  private void dropRun() {
    for (int i = runStart; i < replay.count(); i++) {
      if (replay.type(i) == Format.TYPE_ENTRY) {
        sink.dropped(replay.argument(i));
      }
    }
    replay.rollback(runStart);
  }
}
