package dev.walnut.internal.segment;

import dev.walnut.exception.BrokenInvariantException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskFullException;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.IOException;
import java.nio.file.FileSystemException;

/**
 * Space for what the tail is to hold, taken before a byte of it is written, so that a full disk is
 * met while nothing is lost by it. Belongs to the writer.
 */
final class SpaceAhead {
  /*
   * Zeros. Blocks that were written before make a durable write cheap. Zeros go out in small pieces:
   * one large write leaves large pages behind, in which small writes are slow. That the writer does
   * it itself costs a small part of a sync every 256 KiB, and needs no agreement about pieces in
   * flight.
   *
   * Reservations. Where one is no more than a look at how much is free, somebody else may take that,
   * or a limit stand in the way that no look shows. Zeros take the space for good, before the batch
   * comes; without them a full disk would be met in the middle of it, and fail the log. Where a file
   * is copied when it is written to, zeros are no help.
   */
  private static final int ZERO_PIECE_BYTES = 64 * 1024;
  private static final int ZERO_AHEAD_BYTES = 4 * ZERO_PIECE_BYTES;
  private static final int RESERVE_BYTES = 1 << 20;

  private final long segmentBytesMax;
  private final UnsyncedFiles unsynced;
  private final Memory zeros;
  private final WritePlan plan;
  private final boolean copiesOnWrite;
  private final boolean zeroes;

  SpaceAhead(Disk disk, boolean copiesOnWrite, StoreOptions options, UnsyncedFiles unsynced) {
    this.segmentBytesMax = options.segmentBytesMax();
    this.unsynced = unsynced;
    this.zeros = disk.allocate(ZERO_PIECE_BYTES);
    this.plan = disk.newPlan();
    this.copiesOnWrite = copiesOnWrite;
    this.zeroes = options.prepareAhead() && !copiesOnWrite;
  }

  /** Zeros for whoever makes the next segment. */
  Memory zeros() {
    return zeros;
  }

  /** How many of them the next segment starts with. */
  int zeroBytesOfNext() {
    return zeroes ? (int) Math.min(ZERO_AHEAD_BYTES, segmentBytesMax) : 0;
  }

  /**
   * Takes the space of the next batch, and some more if there is.
   *
   * @param end where the batch will end
   * @throws DiskFullException if there is not enough for the batch
   */
  void take(Tail tail, long end, boolean toBeDurable) throws IOException {
    if (end <= tail.preparedTo) {
      return;
    }
    if (toBeDurable && zeroes && end - tail.position <= ZERO_PIECE_BYTES) {
      zeroUpTo(tail, end, ahead(tail, end, ZERO_AHEAD_BYTES));
    } else {
      reserveAhead(tail, end);
    }
  }

  /** Takes space up to {@code end}, and asks for no more. */
  void takeJust(Tail tail, long end) throws IOException {
    reserve(tail, end, 0);
    takeReserved(tail, end);
  }

  /** Writes zeros up to {@code to}; if there is no room for them, at least up to {@code end}. */
  private void zeroUpTo(Tail tail, long end, long to) throws IOException {
    try {
      while (tail.preparedTo < to) {
        zero(tail, Math.min(ZERO_PIECE_BYTES, to - tail.preparedTo));
      }
    } catch (DiskFullException e) {
      while (tail.preparedTo < end) { // the disk is nearly full: the batch alone may still fit
        zero(tail, Math.min(ZERO_PIECE_BYTES, end - tail.preparedTo));
      }
    }
  }

  private void zero(Tail tail, long bytes) throws IOException {
    requireBehind(tail);
    plan.clear();
    plan.span(zeros, 0, (int) bytes);
    unsynced.wrote(tail.number(), tail.file, tail.sequence);
    tail.file.write(tail.preparedTo, plan, Durability.NONE);
    tail.preparedTo += bytes;
    tail.reservedTo = Math.max(tail.reservedTo, tail.preparedTo);
  }

  /** Zeros before the tail's end would wipe out what was acknowledged. */
  private static void requireBehind(Tail tail) throws BrokenInvariantException {
    if (tail.preparedTo < tail.position && !tail.headerPending) {
      throw new BrokenInvariantException(
          "zero segment "
              + tail.number()
              + " at offset "
              + tail.preparedTo
              + ": a rule of the log is broken: its batches end at "
              + tail.position);
    }
  }

  private void reserveAhead(Tail tail, long end) throws IOException {
    try {
      reserve(tail, end, RESERVE_BYTES);
    } catch (DiskFullException e) {
      reserve(tail, end, 0); // the disk is nearly full: the batch alone may still fit
    }
    takeReserved(tail, end);
  }

  /**
   * Reserves up to {@code end}, and a step more.
   *
   * @throws DiskFullException if that is more than there is
   */
  private void reserve(Tail tail, long end, int step) throws IOException {
    if (end <= tail.reservedTo) {
      return;
    }
    long to = Math.max(end, Math.min(tail.reservedTo + step, segmentBytesMax));
    if (isReserved(tail, to - tail.preparedTo)) {
      unsynced.wrote(tail.number(), tail.file, tail.sequence);
      tail.preparedTo = to;
    }
    tail.reservedTo = to;
  }

  private static boolean isReserved(Tail tail, long bytes) throws IOException {
    try {
      return tail.file.reserve(tail.preparedTo, bytes);
    } catch (DiskFullException e) {
      throw e;
    } catch (FileSystemException e) {
      return false; // a reservation is a favour: without it the write itself will tell
    }
  }

  private void takeReserved(Tail tail, long end) throws IOException {
    if (end <= tail.preparedTo) {
      return;
    }
    if (copiesOnWrite) {
      tail.preparedTo = tail.reservedTo;
      return;
    }
    zeroUpTo(tail, end, ahead(tail, end, ZERO_PIECE_BYTES));
  }

  private long ahead(Tail tail, long end, int step) {
    return Math.max(end, Math.min(tail.preparedTo + step, segmentBytesMax));
  }
}
