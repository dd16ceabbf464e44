package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.BATCH_HEADER_BYTES;
import static dev.walnut.internal.segment.Format.HEADER_BYTES;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.UnsupportedFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one segment batch by batch and believes nothing that its checksum has not proven. Whether
 * an end it finds is torn or corrupt is for {@link Recovery} to judge.
 */
final class SegmentScanner {
  private static final int IN_VAIN_MAX = 4;

  private final FileWindow window;
  private final Path path;
  private final int number;
  private final long epoch;
  private final SaltedCrc crc = new SaltedCrc();
  private final RecordView record = new RecordView();

  SegmentScanner(FileWindow window, Path path, int number, long epoch) {
    this.window = window;
    this.path = path;
    this.number = number;
    this.epoch = epoch;
  }

  /**
   * Reads whole batches from the segment's start as long as each follows from the one before.
   *
   * @throws UnsupportedFormatException if an authentic batch is of a kind this version cannot read
   * @throws CorruptLogException if an authentic batch holds what is no record
   */
  SegmentScan scan(SegmentHeader header) throws IOException {
    return scan(HEADER_BYTES, header.firstSequence(), header.chainStart());
  }

  /** The same from the end of a batch on. */
  SegmentScan scan(int from, long nextSequence, int lastBatchCrc) throws IOException {
    List<SegmentScan.Batch> batches = new ArrayList<>();
    RecordList records = new RecordList();
    int offset = from;
    long sequence = nextSequence;
    int chain = lastBatchCrc;
    for (BatchHeader next = follower(offset, sequence, chain);
        next != null;
        next = follower(offset, sequence, chain)) {
      batches.add(new SegmentScan.Batch(offset, next, records.count()));
      readRecords(offset, next, records);
      offset += next.bytes();
      sequence += next.records();
      chain = next.crc();
    }
    return new SegmentScan(batches, records, offset, sequence - 1, chain);
  }

  private @Nullable BatchHeader follower(int offset, long sequence, int chain) throws IOException {
    BatchHeader found = headerAt(offset);
    if (found == null || found.firstSequence() != sequence || found.chain() != chain) {
      return null;
    }
    if (!found.isKnown()) {
      throw new UnsupportedFormatException(
          "open "
              + path
              + " at offset "
              + offset
              + ": batch kind "
              + found.kind()
              + " with flags "
              + found.flags()
              + " is not known to this version");
    }
    return isWhole(offset, found) ? found : null;
  }

  /** The header at {@code offset}, if its checksum proves it. */
  private @Nullable BatchHeader headerAt(long offset) throws IOException {
    if (offset + BATCH_HEADER_BYTES > window.fileBytes()) {
      return null;
    }
    int at = window.at(offset, BATCH_HEADER_BYTES);
    return BatchHeader.decodeAuthentic(window.bytes(), at, crc, epoch, number, offset);
  }

  /** Whether the body is there, and is the one the header speaks of. */
  private boolean isWhole(long offset, BatchHeader header) throws IOException {
    long body = offset + BATCH_HEADER_BYTES;
    if (!header.isPlausible(window.fileBytes() - body)) {
      return false;
    }
    crc.begin(epoch, number, (int) body);
    window.update(crc, body, body + header.bodyBytes());
    return crc.end() == header.bodyCrc();
  }

  private void readRecords(int offset, BatchHeader header, RecordList records) throws IOException {
    int body = offset + BATCH_HEADER_BYTES;
    int end = body + header.bodyBytes();
    int place = body;
    for (int i = 0; i < header.records(); i++) {
      readRecord(place, end, header.kind());
      records.add(record.type, record.index, place, (int) record.oldestSegment);
      place += record.bytes;
    }
    if (Format.align(place) != end) {
      throw undecodable(place, "padding up to offset " + end, "bytes of no record");
    }
  }

  private void readRecord(int place, int end, int batchKind) throws IOException {
    int at = window.at(place, RecordView.SLACK);
    record.readHead(window.bytes(), at);
    if (!record.fitsIn(end - place)) {
      throw undecodable(
          place, "a record of at most " + (end - place) + " bytes", record.bytes + " bytes");
    }
    requireKnownType(place, batchKind);
    if (readBody(place, at) == RecordView.Shape.UNCOMMON) {
      throw uncommon(place);
    }
    if (record.type == Format.TYPE_TRUNCATE_BEFORE && record.oldestSegment > number) {
      throw undecodable(
          place, "an oldest segment up to " + number, "segment " + record.oldestSegment);
    }
  }

  private void requireKnownType(int place, int batchKind) throws UnsupportedFormatException {
    boolean known =
        batchKind == Format.KIND_MARK
            ? record.type == Format.TYPE_MARK
            : Format.TYPE_ENTRY <= record.type && record.type <= Format.TYPE_RESET;
    if (!known) {
      throw new UnsupportedFormatException(
          "open "
              + path
              + " at offset "
              + place
              + ": record type "
              + record.type
              + " in a batch of kind "
              + batchKind
              + " is not known to this version");
    }
  }

  private RecordView.Shape readBody(int place, int at) throws IOException {
    if (record.type != Format.TYPE_ENTRY) {
      return record.readOther(window.bytes(), at);
    }
    if (record.readEntry(window.bytes(), at) == RecordView.Shape.UNCOMMON) {
      return RecordView.Shape.UNCOMMON;
    }
    int keyEnd = window.at((long) place + record.keyEnd(), RecordView.SLACK);
    return record.readValue(window.bytes(), keyEnd);
  }

  /** Tells a record of a newer writer from one that is none. */
  private IOException uncommon(int place) throws IOException {
    long body = (long) place + Format.RECORD_TYPE_AT + 1;
    long bodyEnd = (long) place + record.bytes;
    UncommonRecord other = UncommonRecord.look(window, body, bodyEnd);
    return other == null
        ? undecodable(place, "a MessagePack array", bodyEnd - body + " bytes that are none")
        : new UnsupportedFormatException(
            "open "
                + path
                + " at offset "
                + place
                + ": record type "
                + record.type
                + " with "
                + other.describe()
                + " is not known to this version");
  }

  private CorruptLogException undecodable(int place, String expected, String found) {
    return new CorruptLogException("open", path, place, expected, found, -1, -1);
  }

  /**
   * What authentic batches say that are found behind damage, whatever they chain to.
   *
   * @param durableThrough the largest durable-through; 0 if there is none
   * @param lastSequence the largest sequence; 0 if there is none
   */
  record Evidence(long durableThrough, long lastSequence) {
    static final Evidence NONE = new Evidence(0, 0);

    Evidence and(long durable, long last) {
      return new Evidence(Math.max(durableThrough, durable), Math.max(lastSequence, last));
    }
  }

  /**
   * Looks for anything authentic at or behind {@code from}. Headers whose bodies are wrong, one
   * inside the other, are no accident: once they have cost a few times the file, headers are
   * believed without a look at their bodies, so that the work stays linear. More evidence only ever
   * makes opening refuse.
   */
  Evidence evidenceBehind(long from) throws IOException {
    Evidence evidence = Evidence.NONE;
    long offset = Math.max(HEADER_BYTES, (from + 7) & -8);
    long bytesInVain = 0;
    while (offset + BATCH_HEADER_BYTES <= window.fileBytes()) {
      BatchHeader found = headerAt(offset);
      long step = Format.BATCH_ALIGN;
      if (found != null && found.isPlausible(window.fileBytes() - offset - BATCH_HEADER_BYTES)) {
        boolean hostile = bytesInVain > IN_VAIN_MAX * window.fileBytes();
        boolean whole = !hostile && isWhole(offset, found);
        if (whole || hostile) {
          evidence = evidence.and(found.durableThrough(), found.lastSequence());
        }
        if (whole) {
          step = found.bytes();
        } else {
          bytesInVain += found.bodyBytes();
        }
      }
      offset += step;
    }
    return evidence;
  }

  /** Whether the header of a batch with this checksum is at {@code offset}. */
  boolean isBatchAt(int offset, int headerCrc) throws IOException {
    BatchHeader found = headerAt(offset);
    return found != null && found.crc() == headerCrc;
  }

  /** Whether the batch that the footer calls the last is there and ends where the footer says. */
  boolean endsAsSaid(FooterSummary footer) throws IOException {
    if (footer.validBytes() == HEADER_BYTES) {
      return true;
    }
    BatchHeader last = headerAt(footer.lastBatchAt());
    return last != null
        && last.crc() == footer.lastBatchCrc()
        && last.lastSequence() == footer.lastSequence()
        && footer.lastBatchAt() + (long) last.bytes() == footer.validBytes();
  }
}
