package dev.walnut.internal.segment;

import java.util.ArrayDeque;
import java.util.Deque;

/** Up to which index all is durable, told from the batches that are not known to be. */
final class DurablePoint {
  /*
   * The point lies below the smallest index of the batches not known to be durable. An older batch
   * is known before a later one, so it matters only if its smallest index is smaller still: those
   * kept rise in both. Their number is bounded: the two latest become one, with the smaller index,
   * so that the point may lag behind, and never runs ahead.
   */
  private static final int BATCHES_MAX = 4096;

  private record Batch(long lastSequence, long smallestIndex) {}

  private final Deque<Batch> batches = new ArrayDeque<>();
  private long durable;

  /** Every sequence up to this one is durable. */
  void reached(long sequence) {
    durable = Math.max(durable, sequence);
    while (!batches.isEmpty() && batches.getFirst().lastSequence() <= durable) {
      batches.removeFirst();
    }
  }

  /** Takes note of every batch of a scan. */
  void add(SegmentScan scan) {
    for (SegmentScan.Batch batch : scan.batches()) {
      reached(batch.header().durableThrough());
      add(batch.header().lastSequence(), smallestIndex(scan, batch));
    }
  }

  private static long smallestIndex(SegmentScan scan, SegmentScan.Batch batch) {
    long smallest = Long.MAX_VALUE;
    RecordList records = scan.records();
    int end = batch.firstRecord() + batch.header().records();
    for (int i = batch.firstRecord(); i < end; i++) {
      if (records.type(i) == Format.TYPE_ENTRY) {
        smallest = Math.min(smallest, records.argument(i));
      }
    }
    return smallest;
  }

  void add(long lastSequence, long smallestIndex) {
    if (lastSequence <= durable || smallestIndex == Long.MAX_VALUE) {
      return;
    }
    while (!batches.isEmpty() && batches.getLast().smallestIndex() >= smallestIndex) {
      batches.removeLast();
    }
    if (batches.size() == BATCHES_MAX) {
      batches.addLast(new Batch(lastSequence, batches.removeLast().smallestIndex()));
    } else {
      batches.addLast(new Batch(lastSequence, smallestIndex));
    }
  }

  /** The durable index of a log with this last index. */
  long index(long last) {
    return batches.isEmpty() ? last : Math.min(last, batches.getFirst().smallestIndex() - 1);
  }
}
