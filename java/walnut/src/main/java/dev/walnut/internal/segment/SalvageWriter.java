package dev.walnut.internal.segment;

import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes what salvage keeps as a new log, segment by segment, and makes all of it durable. */
final class SalvageWriter {
  /*
   * Records are copied as they are, but for their checksums, which their new place salts, so that
   * values pass through a buffer of fixed size. Nothing reads the log before all of it is durable,
   * so every header may say that what lies before it is.
   */
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int BATCH_BYTES = 256 * 1024;
  private static final int TOMBSTONE_BYTES_MAX = 20;

  private final StoreEnvironment environment;
  private final SegmentFiles sources;
  private final SegmentFiles targets;
  private final Harvest harvest;
  private final Harvester.Progress progress;
  private final Memory buffer;
  private final Memory headerMemory;
  private final WritePlan plan;
  private final SaltedCrc sourceCrc = new SaltedCrc();
  private final SaltedCrc recordCrc = new SaltedCrc();
  private final SaltedCrc bodyCrc = new SaltedCrc();
  private final SaltedCrc headerCrc = new SaltedCrc();
  private final RecordView view = new RecordView();

  private long sequence;
  private int number;

  // The batch being written.
  private int batchAt;
  private int batchRecords;
  private int place;
  private int buffered;

  SalvageWriter(
      StoreEnvironment environment,
      SegmentFiles sources,
      SegmentFiles targets,
      Harvest harvest,
      int firstNumber,
      Harvester.Progress progress) {
    this.environment = environment;
    this.sources = sources;
    this.targets = targets;
    this.harvest = harvest;
    this.number = firstNumber;
    this.progress = progress;
    Disk disk = environment.disk();
    this.buffer = disk.allocate(BUFFER_BYTES);
    this.headerMemory = disk.allocate(Format.HEADER_BYTES);
    this.plan = disk.newPlan();
  }

  /**
   * Writes the log.
   *
   * @return the number of its last segment
   */
  int write() throws IOException {
    SegmentHeader next = firstHeader();
    int first = number;
    long done = 0;
    for (HarvestedSegment segment : harvest.segments()) {
      if (segment.table().count() > 0) {
        if (number > first) {
          targets.numberAfter(number - 1);
        }
        next = write(segment, next);
        number++;
      }
      progress.reached(++done, harvest.segments().size());
    }
    if (number == first) {
      Tail.create(targets, environment, next, headerMemory).file.close();
      number++;
    }
    targets.directory().sync();
    return number - 1;
  }

  private SegmentHeader firstHeader() {
    LogId id = new LogId(environment.random().getAsLong(), environment.random().getAsLong());
    return new SegmentHeader(
        id,
        number,
        environment.random().getAsLong(),
        environment.random().getAsLong(),
        true,
        environment.wallClockMillis().getAsLong(),
        1,
        null,
        number,
        0,
        harvest.bounds(),
        List.of());
  }

  private SegmentHeader nextHeader(SegmentHeader header, Predecessor facts) {
    return new SegmentHeader(
        header.logId(),
        header.number() + 1,
        header.successorEpoch(),
        environment.random().getAsLong(),
        false,
        environment.wallClockMillis().getAsLong(),
        sequence + 1,
        facts,
        header.lowWater(),
        sequence,
        harvest.bounds(),
        List.of());
  }

  private SegmentHeader write(HarvestedSegment segment, SegmentHeader header) throws IOException {
    Tail made = Tail.create(targets, environment, header, headerMemory);
    try (DiskFile file = made.file) {
      SegmentReplay written = new SegmentReplay();
      copy(segment, made, written);
      tombstones(segment, made, written);
      made.sequence = sequence;
      FooterWriter.write(environment.disk(), file, content(made, written), sequence);
      file.sync();
      return nextHeader(header, made.facts());
    }
  }

  private FooterContent content(Tail made, SegmentReplay written) {
    return new FooterContent(
        made.number(),
        made.header().epoch(),
        made.position,
        made.lastBatchAt,
        sequence,
        made.chain,
        written.left().table(),
        new Effects(),
        written.entriesWritten(),
        harvest.bounds(),
        made.header().lowWater());
  }

  // ---- entries

  private void copy(HarvestedSegment segment, Tail made, SegmentReplay written) throws IOException {
    Scratch scratch = sources.scratches().take();
    FoundSegment found = segment.found();
    try (DiskFile file = sources.directory().openRead(sources.name(found.number()))) {
      FileWindow window =
          new FileWindow(file::read, file.name(), found.fileBytes(), scratch.memory, Scratch.BYTES);
      long endBefore = -1;
      for (int position : segment.order()) {
        int offset = segment.table().offsetAt(position) & ~Format.OFFSET_TOMBSTONED;
        view.readHead(window.bytes(), window.at(offset, RecordView.SLACK));
        long bytes = requireFits(view.bytes, offset, found);
        // Where a part of a write batch was truncated, what is left of it starts anew.
        boolean joined = view.joined && offset == endBefore;
        if (batchRecords > 0 && !joined && place - batchAt > BATCH_BYTES) {
          endBatch(made);
        }
        beginRecord(made);
        int at = place;
        copy(window, segment, offset, bytes, joined, made);
        written.add(Format.TYPE_ENTRY, segment.table().indexAt(position), at, 0);
        endBefore = offset + bytes;
      }
      endBatch(made);
    } finally {
      sources.scratches().give(scratch);
    }
  }

  private static long requireFits(int bytes, int offset, FoundSegment found) throws IOException {
    if (bytes < Format.RECORD_BYTES_MIN || bytes > found.fileBytes() - offset) {
      throw changed(found, offset);
    }
    return bytes;
  }

  private static IOException changed(FoundSegment found, int offset) {
    return new IOException(
        "salvage " + found.path() + " at offset " + offset + ": the record was changed meanwhile");
  }

  private void beginRecord(Tail made) {
    if (batchRecords == 0) {
      batchAt = made.position;
      place = batchAt + Format.BATCH_HEADER_BYTES;
      bodyCrc.begin(made.header().epoch(), made.number(), place);
    }
    batchRecords++;
  }

  /** Copies a record whose checksum is proven once more on the way. */
  private void copy(
      FileWindow window,
      HarvestedSegment segment,
      int offset,
      long bytes,
      boolean joined,
      Tail made)
      throws IOException {
    int stored = window.bytes().getInt(window.at(offset, RecordView.SLACK));
    byte[] head = new byte[9];
    window.copy(offset, head);
    sourceCrc.begin(segment.epoch(), segment.number(), offset);
    window.update(sourceCrc, offset + 4L, offset + bytes);
    if (sourceCrc.end() != stored) {
      throw changed(segment.found(), offset);
    }
    int type = head[8] & 0x7f & ~Format.TYPE_JOINED;
    head[8] = (byte) (joined ? type | Format.TYPE_JOINED : type);
    recordCrc.begin(made.header().epoch(), made.number(), place);
    recordCrc.update(wrapped(head), 4, 5);
    window.update(recordCrc, offset + 9L, offset + bytes);
    wrapped(head).putInt(0, recordCrc.end());
    put(head, made);
    long from = offset + 9L;
    while (from < offset + bytes) {
      int piece = (int) Math.min(offset + bytes - from, Scratch.BYTES / 2);
      int at = window.at(from, piece);
      put(window.bytes(), at, piece, made);
      from += piece;
    }
  }

  private static ByteBuffer wrapped(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  // ---- tombstones

  private void tombstones(HarvestedSegment segment, Tail made, SegmentReplay written)
      throws IOException {
    OffsetTable table = segment.table();
    byte[] bytes = new byte[TOMBSTONE_BYTES_MAX];
    for (int i = 0; i < table.count(); i++) {
      if (table.offsetAt(i) >= 0) {
        continue;
      }
      beginRecord(made);
      int length = RecordWriter.tombstone(wrapped(bytes), 0, table.indexAt(i));
      recordCrc.begin(made.header().epoch(), made.number(), place);
      recordCrc.update(wrapped(bytes), 4, length - 4);
      wrapped(bytes).putInt(0, recordCrc.end());
      written.add(Format.TYPE_TOMBSTONE, table.indexAt(i), place, 0);
      put(wrapped(bytes), 0, length, made);
      if (place - batchAt > BATCH_BYTES) {
        endBatch(made);
      }
    }
    endBatch(made);
  }

  // ---- batches

  private void put(byte[] bytes, Tail made) throws IOException {
    put(wrapped(bytes), 0, bytes.length, made);
  }

  private void put(ByteBuffer source, int at, int length, Tail made) throws IOException {
    if (buffered + length > BUFFER_BYTES) {
      flush(made);
    }
    bodyCrc.update(source, at, length);
    buffer.bytes().put(buffered, source, at, length);
    buffered += length;
    place += length;
  }

  private void flush(Tail made) throws IOException {
    if (buffered > 0) {
      plan.clear();
      plan.span(buffer, 0, buffered);
      made.file.write(place - buffered, plan, Durability.NONE);
      buffered = 0;
    }
  }

  private void endBatch(Tail made) throws IOException {
    if (batchRecords == 0) {
      return;
    }
    put(new byte[Format.align(place) - place], made);
    flush(made);
    ByteBuffer header = headerMemory.bytes();
    int bodyBytes = place - batchAt - Format.BATCH_HEADER_BYTES;
    BatchHeader.encode(
        header,
        0,
        Format.KIND_ENTRIES,
        bodyBytes,
        batchRecords,
        sequence + 1,
        sequence,
        made.chain);
    header.putInt(Format.BATCH_BODY_CRC_AT, bodyCrc.end());
    int crc =
        headerCrc.of(made.header().epoch(), made.number(), batchAt, header, 0, Format.BATCH_CRC_AT);
    header.putInt(Format.BATCH_CRC_AT, crc);
    plan.clear();
    plan.span(headerMemory, 0, Format.BATCH_HEADER_BYTES);
    made.file.write(batchAt, plan, Durability.NONE);
    made.chain = crc;
    made.lastBatchAt = batchAt;
    made.position = place;
    sequence += batchRecords;
    batchRecords = 0;
  }
}
