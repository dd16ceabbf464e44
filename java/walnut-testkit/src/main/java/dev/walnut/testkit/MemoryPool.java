package dev.walnut.testkit;

import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.Memory;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory outside the heap. Where nothing of a machine that has stopped runs on, its memory is used
 * again: making a megabyte for each of thousands of openings would cost more than all the rest.
 */
final class MemoryPool {
  private static final byte[] ZEROS = new byte[64 * 1024];

  private final boolean reuses;
  private final Map<Integer, Deque<Memory>> free = new HashMap<>();
  private final List<Memory> taken = new ArrayList<>();

  MemoryPool(boolean reuses) {
    this.reuses = reuses;
  }

  Memory take(int bytes) {
    if (!reuses) {
      return Disks.java().allocate(bytes);
    }
    Deque<Memory> fitting = free.get(bytes);
    Memory memory =
        fitting == null || fitting.isEmpty() ? Disks.java().allocate(bytes) : zeroed(fitting.pop());
    taken.add(memory);
    return memory;
  }

  private static Memory zeroed(Memory memory) {
    ByteBuffer bytes = memory.bytes().clear();
    for (int at = 0; at < bytes.capacity(); at += ZEROS.length) {
      bytes.put(at, ZEROS, 0, Math.min(ZEROS.length, bytes.capacity() - at));
    }
    return memory;
  }

  /** Whatever was taken is free again; nobody uses it any more. */
  void reclaim() {
    for (Memory memory : taken) {
      free.computeIfAbsent(memory.capacity(), bytes -> new ArrayDeque<>()).push(memory);
    }
    taken.clear();
  }
}
