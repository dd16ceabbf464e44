package dev.walnut.internal.segment;

import dev.walnut.exception.BrokenInvariantException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The rules that every batch and every sync keep, checked in production: sequences and the durable
 * point never go back, each batch names the one before it and lies behind it, and nothing counts as
 * durable that was not written.
 *
 * <p>It remembers the log's end on its own, from what was laid out for the disk, and compares; so a
 * mistake in the writer's state is noticed before its bytes go out. A broken rule fails the log.
 * Some dozen comparisons a batch; belongs to the writer.
 */
final class Invariants {
  private final SegmentFiles files;
  private int segment;
  private long end;
  private long sequence;
  private int chain;

  /** Every sequence up to it is known to be durable. */
  private long durable;

  /** The largest durable-through that a batch has said. */
  private long vouched;

  Invariants(SegmentFiles files, Tail tail) {
    this.files = files;
    segment = tail.number();
    end = tail.position;
    sequence = tail.sequence;
    chain = tail.chain;
    durable = tail.sequence;
  }

  /** A segment follows that goes on where the last one ends. */
  void rotated(SegmentHeader next) throws BrokenInvariantException {
    Predecessor before = next.predecessor();
    if (before == null || next.number() <= segment) {
      throw broken("start", next.number(), 0, "it follows segment " + segment);
    }
    if (next.firstSequence() != sequence + 1 || before.lastSequence() != sequence) {
      throw broken(
          "start",
          next.number(),
          0,
          "it begins with sequence " + next.firstSequence() + " behind " + sequence);
    }
    if (before.number() != segment
        || before.validBytes() != end
        || before.lastBatchCrc() != chain) {
      throw broken(
          "start",
          next.number(),
          0,
          "it names "
              + before
              + " as the one before, which is segment "
              + segment
              + " of "
              + end
              + " bytes");
    }
    segment = next.number();
    end = Format.HEADER_BYTES;
    chain = next.chainStart();
  }

  /**
   * Compares a batch that is to be written with the one before it.
   *
   * @param laid the memory that goes to the disk
   * @param at where the batch's header lies in it
   */
  void beforeWrite(Tail tail, ByteBuffer laid, int at) throws BrokenInvariantException {
    int place = tail.position;
    long bytes = (long) Format.BATCH_HEADER_BYTES + laid.getInt(at + 8);
    if (tail.number() != segment || place != end || place % Format.BATCH_ALIGN != 0) {
      throw broken("write", tail.number(), place, "segment " + segment + " ends at " + end);
    }
    if (place + bytes >= Format.SEGMENT_BYTES_LIMIT) {
      throw broken("write", segment, place, "no segment takes " + bytes + " bytes more there");
    }
    long first = laid.getLong(at + 16);
    if (first != sequence + 1) {
      throw broken("write", segment, place, "sequence " + first + " does not follow " + sequence);
    }
    if (laid.getInt(at + 32) != chain) {
      throw broken(
          "write",
          segment,
          place,
          String.format(
              "it names %08x as the batch before, not %08x", laid.getInt(at + 32), chain));
    }
    long through = laid.getLong(at + 24);
    if (through < vouched || through > durable) {
      throw broken(
          "write",
          segment,
          place,
          "it would say that all is durable through sequence "
              + through
              + ", which must be from "
              + vouched
              + " to "
              + durable);
    }
  }

  /** The batch is written, checksums included. */
  void wrote(ByteBuffer laid, int at) {
    end += Format.BATCH_HEADER_BYTES + laid.getInt(at + 8);
    sequence += laid.getInt(at + 12);
    chain = laid.getInt(at + Format.BATCH_CRC_AT);
    vouched = laid.getLong(at + 24);
  }

  /** Every sequence up to this one is durable. */
  void durable(long through) throws BrokenInvariantException {
    if (through < durable || through > sequence) {
      throw broken(
          "sync",
          segment,
          end,
          "durable through sequence "
              + through
              + ", after "
              + durable
              + ", with "
              + sequence
              + " as the last written");
    }
    durable = through;
  }

  /** No file holds anything unsynced, so all must be durable before readers are told so. */
  void allDurable() throws BrokenInvariantException {
    if (durable != sequence) {
      throw broken(
          "publish",
          segment,
          end,
          "nothing is unsynced, and yet only sequence "
              + durable
              + " of "
              + sequence
              + " is durable");
    }
  }

  private BrokenInvariantException broken(String operation, int number, long offset, String rule) {
    Path file = files.path(number);
    return new BrokenInvariantException(
        operation + " " + file + " at offset " + offset + ": a rule of the log is broken: " + rule);
  }
}
