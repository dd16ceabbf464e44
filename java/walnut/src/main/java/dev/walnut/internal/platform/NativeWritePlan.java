package dev.walnut.internal.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A plan whose spans and frames lie in direct memory as {@code walnut.h} describes them; C computes
 * the checksums inside the write.
 */
final class NativeWritePlan implements WritePlan {
  /** {@code walnut_span}: address, length. */
  private static final int SPAN_BYTES = 16;

  /** {@code walnut_frame}: address, length, where to store, salt. */
  private static final int FRAME_BYTES = 40;

  private static final int FRAME_STORE = 16;
  private static final int FRAME_SALT = 24;

  /** Room from the start for the batches there usually are: growing may find no memory. */
  private static final int INITIAL_SPANS = 16;

  private static final int INITIAL_FRAMES = 1024;

  private final NativeDisk disk;

  /** What the addresses lead to, so that it is not freed before the write. */
  private final List<Memory> kept = new ArrayList<>();

  private Memory spans;
  private Memory frames;
  private int spanCount;
  private int frameCount;

  /** The first frame of the checksum being described; the frame count if there is none yet. */
  private int runStart;

  private long totalBytes;

  NativeWritePlan(NativeDisk disk) {
    this.disk = disk;
    this.spans = disk.allocate(INITIAL_SPANS * SPAN_BYTES);
    this.frames = disk.allocate(INITIAL_FRAMES * FRAME_BYTES);
  }

  @Override
  public void clear() {
    kept.clear();
    spanCount = 0;
    frameCount = 0;
    runStart = 0;
    totalBytes = 0;
  }

  @Override
  public void cover(Memory memory, int from, int length) {
    addFrame(address(memory, from, length), length);
  }

  @Override
  public void store(long saltLow, long saltHigh, Memory target, int at) {
    if (runStart == frameCount) {
      addFrame(0, 0);
    }
    int last = (frameCount - 1) * FRAME_BYTES;
    frames.bytes().putLong(last + FRAME_STORE, address(target, at, Integer.BYTES));
    int salt = runStart * FRAME_BYTES + FRAME_SALT;
    frames.bytes().putLong(salt, saltLow).putLong(salt + Long.BYTES, saltHigh);
    runStart = frameCount;
  }

  @Override
  public void span(Memory memory, int from, int length) {
    int at = spanCount * SPAN_BYTES;
    spans = withRoom(spans, at + SPAN_BYTES);
    spans.bytes().putLong(at, address(memory, from, length)).putLong(at + Long.BYTES, length);
    spanCount++;
    totalBytes += length;
  }

  /**
   * Runs the plan; the caller keeps it reachable. Frames whose checksum has no end are left out.
   */
  long commit(int fd, long offset, int durability) {
    return NativeCalls.commit(
        fd, spans.address(), spanCount, offset, frames.address(), runStart, durability);
  }

  long totalBytes() {
    return totalBytes;
  }

  private void addFrame(long address, long length) {
    int at = frameCount * FRAME_BYTES;
    frames = withRoom(frames, at + FRAME_BYTES);
    frames.bytes().putLong(at, address).putLong(at + Long.BYTES, length);
    frames.bytes().putLong(at + FRAME_STORE, 0);
    frameCount++;
  }

  private long address(Memory memory, int from, int length) {
    Objects.checkFromIndexSize(from, length, memory.capacity());
    assert memory.address() != 0 : "memory of another body has no address";
    if (kept.isEmpty() || kept.get(kept.size() - 1) != memory) {
      kept.add(memory);
    }
    return memory.address() + from;
  }

  private Memory withRoom(Memory memory, int bytes) {
    if (bytes <= memory.capacity()) {
      return memory;
    }
    Memory larger = disk.allocate(2 * memory.capacity());
    larger.bytes().put(0, memory.bytes(), 0, memory.capacity());
    return larger;
  }
}
