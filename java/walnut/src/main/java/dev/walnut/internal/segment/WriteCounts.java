package dev.walnut.internal.segment;

/** Counts what the writer does. One thread counts, any thread reads. */
@SuppressWarnings("NonAtomicVolatileUpdate") // by the writer only, who is one at a time
final class WriteCounts {
  private volatile long batches;
  private volatile long entries;
  private volatile long bytesWritten;
  private volatile long marks;
  private volatile long rotations;
  private volatile long segmentsDeleted;

  void batch(int entriesInIt, long bytes) {
    batches++;
    entries += entriesInIt;
    bytesWritten += bytes;
  }

  void mark() {
    marks++;
  }

  void rotation() {
    rotations++;
  }

  void deleted(int segments) {
    segmentsDeleted += segments;
  }

  StoreCounts snapshot(long syncs, View view) {
    int segments = view.sealed().parts().size() + 1;
    return new StoreCounts(
        batches,
        entries,
        bytesWritten,
        syncs,
        marks,
        rotations,
        segments,
        segmentsDeleted,
        view.bytes(),
        view.tail().number());
  }
}
