package dev.walnut.internal.segment;

import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;

/** The segment being written: its file, and where and after what the next batch goes. */
final class Tail {
  final DiskFile file;
  private SegmentHeader header;

  /** The header is not written yet: it goes out with the first batch. */
  boolean headerPending;

  /** Where the next batch starts. */
  int position;

  /** The last batch's header CRC. */
  int chain;

  /** Where the last batch starts; 0 if there is none. */
  int lastBatchAt;

  /** The last sequence written. */
  long sequence;

  /** The file has room up to here: zeros, or reserved. */
  long preparedTo;

  /** Up to here room was asked for, and there seemed to be some. */
  long reservedTo;

  private Tail(SegmentHeader header, DiskFile file) {
    this.header = header;
    this.file = file;
    this.position = Format.HEADER_BYTES;
    this.chain = header.chainStart();
    this.sequence = header.firstSequence() - 1;
  }

  /** Goes on behind the last kept batch of a segment. */
  static Tail reopened(KeptSegment last, DiskFile file, long fileBytes) {
    Tail tail = new Tail(last.header(), file);
    tail.position = last.end();
    tail.chain = last.lastBatchCrc();
    tail.sequence = last.lastSequence();
    tail.prepared(fileBytes);
    tail.lastBatchAt = last.lastBatchAt();
    return tail;
  }

  /** Makes a segment whose header and name are durable when this returns. */
  static Tail create(
      SegmentFiles files, StoreEnvironment environment, SegmentHeader header, Memory memory)
      throws IOException {
    DiskFile file = files.directory().create(files.name(header.number()));
    try {
      WritePlan plan = environment.disk().newPlan();
      layHeader(header, memory, plan);
      file.write(0, plan, Durability.FILE);
      files.directory().sync();
      Tail tail = new Tail(header, file);
      tail.prepared(Format.HEADER_BYTES);
      return tail;
    } catch (Throwable t) {
      file.close();
      throw t;
    }
  }

  /** A new segment in a file that holds nothing but zeros; its header follows. */
  static Tail rotated(SegmentHeader header, DiskFile file, long preparedTo) {
    Tail tail = new Tail(header, file);
    tail.headerPending = true;
    tail.prepared(preparedTo);
    return tail;
  }

  private void prepared(long bytes) {
    preparedTo = bytes;
    reservedTo = bytes;
  }

  /** Lays the header block into {@code memory[0, 4096)}, and plans its checksum and span. */
  private static void layHeader(SegmentHeader header, Memory memory, WritePlan plan) {
    cover(header, memory, plan);
    plan.span(memory, 0, Format.HEADER_BYTES);
  }

  /** Lays the header block into {@code memory[0, 4096)}, and plans its checksum. */
  private static void cover(SegmentHeader header, Memory memory, WritePlan plan) {
    for (int i = 0; i < Format.HEADER_BYTES; i += Long.BYTES) {
      memory.bytes().putLong(i, 0);
    }
    header.encode(memory.bytes(), 0);
    plan.cover(memory, 0, Format.HEADER_CRC_AT);
    plan.store(0, Format.saltHigh(header.number(), 0), memory, Format.HEADER_CRC_AT);
  }

  SegmentHeader header() {
    return header;
  }

  int number() {
    return header.number();
  }

  /** Lays a pending header out, saying what is durable now. */
  void stampHeader(long durableThrough, Memory memory, WritePlan plan) {
    header = header.durableThrough(durableThrough);
    cover(header, memory, plan);
  }

  boolean hasBatches() {
    return sequence >= header.firstSequence();
  }

  /** What the next segment's header says of this one. */
  Predecessor facts() {
    return new Predecessor(number(), header.epoch(), position, sequence, chain);
  }

  /** What a footer says of it now. */
  FooterContent content(LogState state) {
    return new FooterContent(
        number(),
        header.epoch(),
        position,
        lastBatchAt,
        sequence,
        chain,
        state.tailEntries(),
        state.effects(),
        state.tailEntriesWritten(),
        state.bounds(),
        state.lowWater());
  }
}
