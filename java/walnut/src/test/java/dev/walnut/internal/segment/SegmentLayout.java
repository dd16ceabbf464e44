package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One segment file laid out by hand with the format's own codecs, checksums included: for what no
 * store writes, be it not yet, or never. Fields may be changed and the checksums made right again.
 */
final class SegmentLayout {
  static final long EPOCH = 0x1234_5678_9abc_def0L;
  static final LogId LOG = new LogId(1, 2);
  private static final int PAGE_BYTES = 4096;

  private final SegmentHeader header;
  private final SaltedCrc crc = new SaltedCrc();
  private final List<Long> indexes = new ArrayList<>();
  private final List<Integer> offsets = new ArrayList<>();
  private ByteBuffer bytes;
  private int end = Format.HEADER_BYTES;
  private long sequence;
  private int chain;
  private int lastBatchAt;
  private int records;
  private boolean closed;
  private int summaryAt;
  private int place = -1;

  /** The first segment of a log. */
  SegmentLayout() {
    this(firstHeader());
  }

  SegmentLayout(SegmentHeader header) {
    this.header = header;
    this.sequence = header.firstSequence();
    this.chain = header.chainStart();
    this.bytes = buffer(2 * PAGE_BYTES);
    header.encode(bytes, 0);
    stampHeader();
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The header that creating a log gives its first segment. */
  static SegmentHeader firstHeader() {
    return new SegmentHeader(
        LOG, 0, EPOCH, EPOCH + 1, true, 0, 1, null, 0, 0, IndexBounds.FRESH, List.of());
  }

  /** The header that a rotation makes behind this segment. */
  SegmentHeader next(long durableThrough, IndexBounds bounds) {
    return new SegmentHeader(
        header.logId(),
        header.number() + 1,
        header.successorEpoch(),
        header.successorEpoch() + 1,
        false,
        0,
        sequence,
        facts(),
        header.lowWater(),
        durableThrough,
        bounds,
        header.gaps());
  }

  /** What the next segment's header says of this one. */
  Predecessor facts() {
    return new Predecessor(header.number(), header.epoch(), end, sequence - 1, chain);
  }

  /** Where the last batch ends. */
  int end() {
    return end;
  }

  long lastSequence() {
    return sequence - 1;
  }

  // ---- records: they gather until the batch is ended

  private int begin(int recordBytes) {
    if (place < 0) {
      place = end + Format.BATCH_HEADER_BYTES;
    }
    reserve(place + recordBytes + PAGE_BYTES);
    return place;
  }

  private void reserve(int capacity) {
    if (capacity > bytes.capacity()) {
      ByteBuffer larger = buffer(Math.max(capacity, 2 * bytes.capacity()));
      larger.put(0, bytes, 0, bytes.capacity());
      bytes = larger;
    }
  }

  private SegmentLayout ended(int recordEnd) {
    stamp(place, recordEnd);
    place = recordEnd;
    records++;
    return this;
  }

  private void stamp(int at, int recordEnd) {
    bytes.putInt(at, sum(at, at + 4, recordEnd));
  }

  SegmentLayout entry(long index, String key, byte[] value, boolean joined) {
    int keyBytes = (int) Utf8.length(key);
    int at = begin((int) RecordWriter.entryBytes(index, keyBytes, value.length));
    int valueAt = RecordWriter.entryHead(bytes, at, index, key, keyBytes, value.length, joined);
    bytes.put(valueAt, value);
    indexes.add(index);
    offsets.add(at);
    return ended(valueAt + value.length);
  }

  SegmentLayout entry(long index) {
    return entry(index, "key", valueOf(index), false);
  }

  /** The value that {@link #entry(long)} gives an index. */
  static byte[] valueOf(long index) {
    return ("value " + index).getBytes(StandardCharsets.UTF_8);
  }

  SegmentLayout tombstone(long index) {
    int at = begin(32);
    return ended(RecordWriter.tombstone(bytes, at, index));
  }

  SegmentLayout truncateBefore(long firstKept, int oldestSegment) {
    int at = begin(32);
    return ended(RecordWriter.truncateBefore(bytes, at, firstKept, oldestSegment));
  }

  SegmentLayout truncateAfter(long lastKept) {
    int at = begin(32);
    return ended(RecordWriter.truncateAfter(bytes, at, lastKept));
  }

  SegmentLayout reset(long nextIndex) {
    int at = begin(32);
    return ended(RecordWriter.reset(bytes, at, nextIndex));
  }

  SegmentLayout mark(long nonce) {
    int at = begin(32);
    return ended(RecordWriter.mark(bytes, at, nonce));
  }

  /** A record of any type, with any body. */
  SegmentLayout record(int type, byte... body) {
    int at = begin(body.length + 16);
    bytes.putInt(at + 4, body.length + 1);
    bytes.put(at + Format.RECORD_TYPE_AT, (byte) type);
    bytes.put(at + Format.RECORD_TYPE_AT + 1, body);
    return ended(at + Format.RECORD_TYPE_AT + 1 + body.length);
  }

  /** The same, and the footer's table says that it is the entry of an index. */
  SegmentLayout recordOf(long index, int type, byte... body) {
    record(type, body);
    indexes.add(index);
    offsets.add(place - Format.RECORD_TYPE_AT - 1 - body.length);
    return this;
  }

  // ---- batches

  /** Ends a batch of entries; returns where it starts. */
  int end(long durableThrough) {
    return end(Format.KIND_ENTRIES, durableThrough);
  }

  int endMark(long durableThrough) {
    return end(Format.KIND_MARK, durableThrough);
  }

  private int end(int kind, long durableThrough) {
    int start = end;
    int body = start + Format.BATCH_HEADER_BYTES;
    end = Format.align(place);
    BatchHeader.encode(bytes, start, kind, end - body, records, sequence, durableThrough, chain);
    lastBatchAt = start;
    sequence += records;
    records = 0;
    place = -1;
    stampBatch(start);
    return start;
  }

  /** Adds a batch of entries with the usual key and value; returns where it starts. */
  int batch(long durableThrough, long... entries) {
    for (long index : entries) {
      entry(index);
    }
    return end(durableThrough);
  }

  // ---- footer

  /** Closes the segment with a footer over the entries laid out; returns where its summary is. */
  int footer(long durableThrough) {
    long last = indexes.isEmpty() ? header.bounds().last() : indexes.get(indexes.size() - 1);
    OffsetTable table =
        OffsetTable.of(
            indexes.stream().mapToLong(Long::longValue).toArray(),
            offsets.stream().mapToInt(Integer::intValue).toArray());
    FooterSummary summary =
        new FooterContent(
                header.number(),
                header.epoch(),
                end,
                lastBatchAt,
                sequence - 1,
                chain,
                table,
                new Effects(),
                table.count(),
                new IndexBounds(header.bounds().floor(), Math.max(last, header.bounds().last())),
                header.lowWater())
            .summary(durableThrough);
    int at = (int) summary.summaryAt();
    reserve(at + Format.SUMMARY_BYTES);
    int offsetsAt = end + (table instanceof OffsetTable.Consecutive ? 0 : 8 * table.count());
    for (int i = 0; i < table.count(); i++) {
      if (offsetsAt > end) {
        bytes.putLong(end + 8 * i, table.indexAt(i));
      }
      bytes.putInt(offsetsAt + 4 * i, table.offsetAt(i));
    }
    summary.encode(bytes, at);
    stampFooter(at);
    closed = true;
    summaryAt = at;
    return at;
  }

  /** Puts the summary so many bytes behind the last batch; returns where it is then. */
  int moveFooter(int from, int bytesBetween) {
    int to = end + bytesBetween;
    reserve(to + Format.SUMMARY_BYTES);
    bytes.put(to, bytes, from, Format.SUMMARY_BYTES);
    bytes.put(from, new byte[Math.min(Format.SUMMARY_BYTES, to - from)]);
    summaryAt = to;
    return to;
  }

  // ---- change, and make the checksums right again

  SegmentLayout putInt(int at, int value) {
    bytes.putInt(at, value);
    return this;
  }

  SegmentLayout putShort(int at, int value) {
    bytes.putShort(at, (short) value);
    return this;
  }

  SegmentLayout putLong(int at, long value) {
    bytes.putLong(at, value);
    return this;
  }

  SegmentLayout flip(int offset) {
    bytes.put(offset, (byte) (bytes.get(offset) ^ 1));
    return this;
  }

  void stampHeader() {
    int number = bytes.getInt(32);
    bytes.putInt(Format.HEADER_CRC_AT, crc.of(0, number, 0, bytes, 0, Format.HEADER_CRC_AT));
  }

  /** Of the record at {@code at}, which ends where its length says, or the file does. */
  void stampRecord(int at) {
    long recordEnd = at + (long) Format.RECORD_HEADER_BYTES + bytes.getInt(at + 4);
    stamp(at, (int) Math.max(at + 9, Math.min(recordEnd, bytes.capacity())));
  }

  /** Of the last batch's body and header; what is laid out next follows from it. */
  void stampBatch(int start) {
    int body = start + Format.BATCH_HEADER_BYTES;
    long bodyEnd = body + (long) bytes.getInt(start + 8);
    int covered = (int) Math.max(body, Math.min(bodyEnd, bytes.capacity()));
    bytes.putInt(start + Format.BATCH_BODY_CRC_AT, sum(body, body, covered));
    chain = sum(start, start, start + Format.BATCH_CRC_AT);
    bytes.putInt(start + Format.BATCH_CRC_AT, chain);
  }

  /** Of all three parts, as long as the summary says they are. */
  void stampFooter(int at) {
    int table = bytes.getInt(at + 20);
    long tableBytes = FooterSummary.tableBytes(bytes.getInt(at + 12), bytes.getInt(at + 40));
    int list = (int) Math.max(table, Math.min(table + tableBytes, bytes.capacity()));
    int listEnd =
        (int) Math.max(list, Math.min(list + 16L * bytes.getInt(at + 32), bytes.capacity()));
    bytes.putInt(at + FooterSummary.TABLE_CRC_AT, sum(table, table, list));
    bytes.putInt(at + FooterSummary.TOMBSTONES_CRC_AT, sum(list, list, listEnd));
    stampSummary(at);
  }

  void stampSummary(int at) {
    bytes.putInt(at + Format.SUMMARY_CRC_AT, sum(at, at, at + Format.SUMMARY_CRC_AT));
  }

  private int sum(int offset, int from, int to) {
    return crc.of(header.epoch(), header.number(), offset, bytes, from, to - from);
  }

  // ---- the file

  /** With a footer up to its end; without one there are zeros behind the last batch. */
  byte[] toBytes() {
    int length =
        closed ? summaryAt + Format.SUMMARY_BYTES : (end + PAGE_BYTES) / PAGE_BYTES * PAGE_BYTES;
    reserve(length);
    return Arrays.copyOf(bytes.array(), length);
  }

  void write(Path file) throws IOException {
    Files.write(file, toBytes());
  }

  /** Writes it under its own name. */
  void writeIn(Path dir) throws IOException {
    write(dir.resolve("segment_" + header.number()));
  }
}
