package dev.walnut.internal.segment;

import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.DiskFile;
import dev.walnut.internal.platform.Durability;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes a segment's accepted bytes again, if they are still those that were accepted. */
final class Rewrite {
  /*
   * After a failed sync the kernel may hold pages that are not on disk, and let go of them at any
   * time: between the scan that accepted a batch and the read that fetches it here, too. What is
   * read then is older, zeros perhaps. To sync that and claim that it is durable would lose what
   * was accepted, silently. So every checksum is looked at once more. A batch larger than the
   * memory is written while it is summed: what goes out is what is in the file anyway, and nothing
   * was claimed yet when the sum turns out wrong.
   */
  private final String operation;
  private final Path path;
  private final DiskFile file;
  private final SegmentHeader header;
  private final Memory memory;
  private final WritePlan plan;
  private final SaltedCrc crc = new SaltedCrc();

  /**
   * @param operation what is done to the log; for messages
   * @param file open for writing
   */
  Rewrite(
      String operation, Path path, DiskFile file, SegmentHeader header, Disk disk, Memory memory) {
    this.operation = operation;
    this.path = path;
    this.file = file;
    this.header = header;
    this.memory = memory;
    this.plan = disk.newPlan();
  }

  /**
   * Writes the header block again.
   *
   * @throws WalException if it is not the one that was accepted any more; nothing was written
   */
  void header() throws IOException {
    read(0, Format.HEADER_BYTES);
    if (!header.equals(SegmentHeader.decode(memory.bytes(), crc, path))) {
      throw changed(0);
    }
    write(0, Format.HEADER_BYTES);
  }

  /**
   * Writes batches again that lie one behind the other.
   *
   * @throws WalException if one of them is not what was accepted any more
   */
  void batches(List<SegmentScan.Batch> batches) throws IOException {
    int first = 0;
    while (first < batches.size()) {
      int start = batches.get(first).offset();
      int behind = first;
      while (behind < batches.size() && batches.get(behind).end() - start <= memory.capacity()) {
        behind++;
      }
      if (behind == first) {
        large(batches.get(first));
        behind++;
      } else {
        group(batches.subList(first, behind));
      }
      first = behind;
    }
  }

  /** Batches that fit into the memory together. */
  private void group(List<SegmentScan.Batch> batches) throws IOException {
    int start = batches.get(0).offset();
    int bytes = batches.get(batches.size() - 1).end() - start;
    read(start, bytes);
    for (SegmentScan.Batch batch : batches) {
      int at = batch.offset() - start;
      requireHeader(batch, at);
      begin(batch);
      crc.update(memory.bytes(), at + Format.BATCH_HEADER_BYTES, batch.header().bodyBytes());
      requireBody(batch);
    }
    write(start, bytes);
  }

  private void large(SegmentScan.Batch batch) throws IOException {
    int at = batch.offset();
    int skip = Format.BATCH_HEADER_BYTES;
    while (at < batch.end()) {
      int bytes = Math.min(memory.capacity(), batch.end() - at);
      read(at, bytes);
      if (at == batch.offset()) {
        requireHeader(batch, 0);
        begin(batch);
      }
      crc.update(memory.bytes(), skip, bytes - skip);
      write(at, bytes);
      skip = 0;
      at += bytes;
    }
    requireBody(batch);
  }

  private void begin(SegmentScan.Batch batch) {
    crc.begin(header.epoch(), header.number(), batch.offset() + Format.BATCH_HEADER_BYTES);
  }

  private void requireHeader(SegmentScan.Batch batch, int at) throws WalException {
    BatchHeader there =
        BatchHeader.decodeAuthentic(
            memory.bytes(), at, crc, header.epoch(), header.number(), batch.offset());
    if (!batch.header().equals(there)) {
      throw changed(batch.offset());
    }
  }

  private void requireBody(SegmentScan.Batch batch) throws WalException {
    if (crc.end() != batch.header().bodyCrc()) {
      throw changed(batch.offset());
    }
  }

  private void read(long offset, int bytes) throws IOException {
    int read = file.read(offset, memory, 0, bytes);
    if (read < bytes) {
      throw new EOFException(
          "read "
              + path
              + " at offset "
              + offset
              + ": got "
              + read
              + " of "
              + bytes
              + " bytes that were there before");
    }
  }

  private void write(long offset, int bytes) throws IOException {
    plan.clear();
    plan.span(memory, 0, bytes);
    file.write(offset, plan, Durability.NONE);
  }

  private WalException changed(long offset) {
    return new WalException(
        operation
            + " "
            + path
            + " at offset "
            + offset
            + ": the bytes read now are not those read before, as if they had never reached the"
            + " disk; nothing was changed, and whoever opens the log again finds what is there");
  }
}
