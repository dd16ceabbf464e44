package dev.walnut.internal.platform;

import java.util.Arrays;
import java.util.Objects;

/** A list of byte ranges that is filled and cleared again and again without garbage. */
final class Ranges {
  private static final int INITIAL = 16;

  private Memory[] memories = new Memory[INITIAL];
  private int[] froms = new int[INITIAL];
  private int[] lengths = new int[INITIAL];
  private int size;

  void clear() {
    Arrays.fill(memories, 0, size, null);
    size = 0;
  }

  void add(Memory memory, int from, int length) {
    Objects.checkFromIndexSize(from, length, memory.capacity());
    if (size == froms.length) {
      memories = Arrays.copyOf(memories, 2 * size);
      froms = Arrays.copyOf(froms, 2 * size);
      lengths = Arrays.copyOf(lengths, 2 * size);
    }
    memories[size] = memory;
    froms[size] = from;
    lengths[size] = length;
    size++;
  }

  int size() {
    return size;
  }

  Memory memory(int i) {
    return memories[i];
  }

  int from(int i) {
    return froms[i];
  }

  int length(int i) {
    return lengths[i];
  }
}
