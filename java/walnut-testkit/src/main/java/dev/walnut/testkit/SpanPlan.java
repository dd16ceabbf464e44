package dev.walnut.testkit;

import dev.walnut.internal.platform.Crc32c;
import dev.walnut.internal.platform.Memory;
import dev.walnut.internal.platform.WritePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A plan whose checksums are computed as soon as they are described. */
final class SpanPlan implements WritePlan {
  private record Span(Memory memory, int from, int length) {}

  private final Crc32c checksum = new Crc32c();
  private final List<Span> covered = new ArrayList<>();
  private final List<Span> spans = new ArrayList<>();

  @Override
  public void clear() {
    covered.clear();
    spans.clear();
  }

  @Override
  public void cover(Memory memory, int from, int length) {
    Objects.checkFromIndexSize(from, length, memory.capacity());
    covered.add(new Span(memory, from, length));
  }

  @Override
  public void store(long saltLow, long saltHigh, Memory target, int at) {
    Objects.checkFromIndexSize(at, Integer.BYTES, target.capacity());
    checksum.start(saltLow, saltHigh);
    covered.forEach(span -> checksum.add(span.memory, span.from, span.length));
    target.bytes().putInt(at, checksum.value());
    covered.clear();
  }

  @Override
  public void span(Memory memory, int from, int length) {
    Objects.checkFromIndexSize(from, length, memory.capacity());
    spans.add(new Span(memory, from, length));
  }

  /** All that is to be written. */
  byte[] bytes() {
    byte[] bytes = new byte[spans.stream().mapToInt(Span::length).sum()];
    int at = 0;
    for (Span span : spans) {
      span.memory.bytes().get(span.from, bytes, at, span.length);
      at += span.length;
    }
    return bytes;
  }
}
