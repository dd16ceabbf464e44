package dev.walnut.internal.segment;

import static dev.walnut.internal.segment.Format.BATCH_HEADER_BYTES;

import dev.walnut.internal.segment.InspectionListener.BatchFacts;
import dev.walnut.internal.segment.InspectionListener.Check;
import dev.walnut.internal.segment.InspectionListener.FindingFacts;
import dev.walnut.internal.segment.InspectionListener.RecordFacts;
import dev.walnut.internal.segment.InspectionListener.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Goes through one segment's batches and, unlike {@link SegmentScanner}, past damage. */
final class BatchInspector {
  private static final int VALUE_START_BYTES = 64;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** More holes in one file say no more than that it is full of them. */
  private static final int HOLES_MAX = 1000;

  private final FileWindow window;
  private final SaltedCrc crc;
  private final RecordView record;
  private final Path path;
  private final int number;
  private final long epoch;
  private final InspectionListener listener;
  private final List<FindingFacts> findings;

  private long end = Format.HEADER_BYTES;
  private long nextSequence;
  private int chain;
  private long durableThrough;
  private int lowWater;
  private int holes;
  private long dataEnd = -1;

  BatchInspector(
      FileWindow window,
      Scratch scratch,
      Path path,
      int number,
      long epoch,
      InspectionListener listener,
      List<FindingFacts> findings) {
    this.window = window;
    this.crc = scratch.crc;
    this.record = scratch.record;
    this.path = path;
    this.number = number;
    this.epoch = epoch;
    this.listener = listener;
    this.findings = findings;
  }

  /** Where the last batch found ends. */
  long end() {
    return end;
  }

  /** The sequence behind the last batch found. */
  long nextSequence() {
    return nextSequence;
  }

  /** What the batches found vouch for. */
  long durableThrough() {
    return durableThrough;
  }

  /** The oldest segment kept, by the records found. */
  int lowWater() {
    return lowWater;
  }

  /**
   * Looks at everything between the header block and {@code limit}.
   *
   * @param header null if it cannot be read: then any first batch is believed
   */
  void inspect(@Nullable SegmentHeader header, long limit) throws IOException {
    nextSequence = header == null ? 0 : header.firstSequence();
    chain = header == null ? 0 : header.chainStart();
    boolean believed = header == null;
    long offset = Format.HEADER_BYTES;
    while (offset < limit && holes < HOLES_MAX) {
      BatchHeader found = headerAt(offset, limit);
      if (found == null) {
        long dataEnd = dataEnd(offset);
        if (dataEnd <= offset) {
          return;
        }
        offset = hole(offset, Math.min(limit, dataEnd));
        believed = true;
        continue;
      }
      boolean chained = believed || isNext(found);
      if (!chained) {
        misplaced(offset, found);
      }
      batch(offset, found, chained);
      believed = false;
      offset += found.bytes();
      end = offset;
      nextSequence = found.lastSequence() + 1;
      chain = found.crc();
    }
    if (end > limit) {
      report(
          end,
          nextSequence,
          "batches up to offset " + limit + ", as the footer says",
          "more of them");
    }
  }

  /** Where zeros up to the end of the file begin; looked for once. */
  private long dataEnd(long offset) throws IOException {
    if (dataEnd < 0) {
      dataEnd = window.endOfData(offset);
    }
    return dataEnd;
  }

  private boolean isNext(BatchHeader found) {
    return found.firstSequence() == nextSequence && found.chain() == chain;
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

  /** Reports bytes that are no batch; returns where the next batch, or the end, is. */
  private long hole(long from, long dataEnd) throws IOException {
    long offset = from;
    do {
      offset += Format.BATCH_ALIGN;
    } while (offset < dataEnd && headerAt(offset, window.fileBytes()) == null);
    holes++;
    report(
        from,
        nextSequence,
        "a batch that starts with sequence " + nextSequence,
        Math.min(offset, dataEnd) - from + " bytes that are none");
    return offset < dataEnd ? offset : window.fileBytes();
  }

  private void misplaced(long offset, BatchHeader found) {
    holes++;
    if (found.firstSequence() != nextSequence) {
      report(
          offset,
          nextSequence,
          "a batch that starts with sequence " + nextSequence,
          "one that starts with " + found.firstSequence());
    } else {
      report(
          offset,
          nextSequence,
          String.format("a batch chained to %08x", chain),
          String.format("one chained to %08x", found.chain()));
    }
  }

  private void batch(long offset, BatchHeader header, boolean chained) throws IOException {
    long body = offset + BATCH_HEADER_BYTES;
    long bodyEnd = Math.min(body + header.bodyBytes(), window.fileBytes());
    Check check = body(header, body, bodyEnd);
    durableThrough = Math.max(durableThrough, header.durableThrough());
    listener.batch(
        new BatchFacts(
            path,
            offset,
            header.bytes(),
            header.kind() == Format.KIND_MARK,
            header.firstSequence(),
            header.records(),
            header.durableThrough(),
            chained,
            check));
    records(header, body, bodyEnd, check == Check.OK);
  }

  private Check body(BatchHeader header, long body, long bodyEnd) throws IOException {
    if (bodyEnd - body < header.bodyBytes()) {
      report(
          body,
          header.firstSequence(),
          "a body of " + header.bodyBytes() + " bytes",
          "a file that ends after " + (bodyEnd - body));
      return Check.DAMAGED;
    }
    crc.begin(epoch, number, (int) body);
    window.update(crc, body, bodyEnd);
    int sum = crc.end();
    if (sum != header.bodyCrc()) {
      report(
          body,
          header.firstSequence(),
          String.format("a body with checksum %08x", header.bodyCrc()),
          String.format("%08x", sum));
      return Check.DAMAGED;
    }
    if (!header.isKnown()) {
      add(
          new FindingFacts(
              path,
              body - BATCH_HEADER_BYTES,
              header.firstSequence(),
              "a batch of entries or a mark",
              "kind " + header.kind() + " with flags " + header.flags(),
              Verdict.UNSUPPORTED));
      return Check.UNKNOWN;
    }
    return Check.OK;
  }

  /** Tells of each record, and, where the body is the one that was written, of what is none. */
  private void records(BatchHeader header, long body, long bodyEnd, boolean intact)
      throws IOException {
    long place = body;
    for (int i = 0; i < header.records(); i++) {
      long sequence = header.firstSequence() + i;
      if (!fits(place, bodyEnd)) {
        if (intact) {
          report(
              place,
              sequence,
              "a record of at most " + (bodyEnd - place) + " bytes",
              bodyEnd - place < Format.RECORD_BYTES_MIN ? "none" : record.bytes + " bytes");
        }
        return; // where the next one starts, nobody knows
      }
      long bytes = record.bytes;
      record(header, place, sequence, intact);
      place += bytes;
    }
    if (intact && (place + Format.BATCH_ALIGN - 1 & -Format.BATCH_ALIGN) != bodyEnd) {
      report(place, header.lastSequence(), "padding up to offset " + bodyEnd, "bytes of no record");
    }
  }

  private boolean fits(long place, long bodyEnd) throws IOException {
    if (place + Format.RECORD_BYTES_MIN > bodyEnd) {
      return false;
    }
    record.readHead(window.bytes(), window.at(place, RecordView.SLACK));
    return record.fitsIn(bodyEnd - place);
  }

  private void record(BatchHeader header, long place, long sequence, boolean intact)
      throws IOException {
    Check check = checkRecord(header, place);
    boolean entry = check == Check.OK && record.type == Format.TYPE_ENTRY;
    boolean shown = entry && listener.wantsContent();
    byte[] key = new byte[shown ? record.keyBytes : 0];
    byte[] value = new byte[shown ? Math.min(record.valueBytes, VALUE_START_BYTES) : 0];
    if (shown) {
      window.copy(place + record.keyAt, key);
      window.copy(place + record.valueAt, value);
    }
    if (check == Check.OK && record.type == Format.TYPE_TRUNCATE_BEFORE) {
      lowWater = (int) Math.max(lowWater, Math.min(record.oldestSegment, Integer.MAX_VALUE));
      if (intact && !record.oldestSegmentFits(number)) {
        report(
            place,
            sequence,
            "an oldest segment up to " + number,
            "segment " + record.oldestSegment);
      }
    }
    boolean numbered = check == Check.OK && record.type != Format.TYPE_MARK;
    listener.record(
        new RecordFacts(
            path,
            place,
            record.bytes,
            sequence,
            record.type,
            record.joined,
            numbered ? record.index : 0,
            numbered && record.type == Format.TYPE_TRUNCATE_BEFORE ? record.oldestSegment : 0,
            new String(key, StandardCharsets.UTF_8),
            entry ? record.keyBytes : 0,
            entry ? record.valueBytes : 0,
            value.length == 0 ? NOTHING : ByteBuffer.wrap(value).asReadOnlyBuffer(),
            check));
  }

  private Check checkRecord(BatchHeader header, long place) throws IOException {
    int stored = window.bytes().getInt(window.at(place, RecordView.SLACK));
    crc.begin(epoch, number, (int) place);
    window.update(crc, place + 4, place + record.bytes);
    if (crc.end() != stored) {
      return Check.DAMAGED;
    }
    int at = window.at(place, RecordView.SLACK);
    boolean known =
        header.kind() == Format.KIND_MARK
            ? record.type == Format.TYPE_MARK
            : Format.TYPE_ENTRY <= record.type && record.type <= Format.TYPE_RESET;
    if (!known) {
      return Check.UNKNOWN;
    }
    return shape(place, at) == RecordView.Shape.COMMON ? Check.OK : Check.UNKNOWN;
  }

  private RecordView.Shape shape(long place, int at) throws IOException {
    if (record.type != Format.TYPE_ENTRY) {
      return record.readOther(window.bytes(), at);
    }
    return record.readEntry(window.bytes(), at) == RecordView.Shape.UNCOMMON
        ? RecordView.Shape.UNCOMMON
        : record.readValue(window.bytes(), window.at(place + record.keyEnd(), RecordView.SLACK));
  }

  private void report(long offset, long sequence, String expected, String found) {
    add(new FindingFacts(path, offset, sequence, expected, found, Verdict.CORRUPT));
  }

  private void add(FindingFacts finding) {
    if (findings.size() < SegmentInspector.FINDINGS_MAX) {
      findings.add(finding);
    }
    listener.suspect(finding);
  }
}
