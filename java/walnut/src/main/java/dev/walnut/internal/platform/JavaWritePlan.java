package dev.walnut.internal.platform;

import java.nio.ByteBuffer;

/** A plan whose checksums are computed as soon as they are described. */
final class JavaWritePlan implements WritePlan {
  private final Crc32c checksum = new Crc32c();
  private final Ranges covered = new Ranges();
  private final Ranges spans = new Ranges();

  @Override
  public void clear() {
    covered.clear();
    spans.clear();
  }

  @Override
  public void cover(Memory memory, int from, int length) {
    covered.add(memory, from, length);
  }

  @Override
  public void store(long saltLow, long saltHigh, Memory target, int at) {
    checksum.start(saltLow, saltHigh);
    for (int i = 0; i < covered.size(); i++) {
      checksum.add(covered.memory(i), covered.from(i), covered.length(i));
    }
    target.bytes().putInt(at, checksum.value());
    covered.clear();
  }

  @Override
  public void span(Memory memory, int from, int length) {
    spans.add(memory, from, length);
  }

  int spanCount() {
    return spans.size();
  }

  /** A view of a span's bytes, from position to limit. */
  ByteBuffer span(int i) {
    return spans.memory(i).bytes().duplicate().clear().slice(spans.from(i), spans.length(i));
  }

  long totalBytes() {
    long total = 0;
    for (int i = 0; i < spans.size(); i++) {
      total += spans.length(i);
    }
    return total;
  }
}
