package dev.walnut.testkit;

import dev.walnut.WalEntry;
import dev.walnut.WalReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was attempted on a log, in order, and how much of it was acknowledged: what the next opening
 * finds must be the state behind one of these steps, at or behind the last that must be there.
 *
 * <p>Retention takes whole segments from the front, in the order written. A step of its own notes
 * that it has been seen at work; up to the next such step any part of what it took may be gone.
 */
final class History {

  /**
   * An entry.
   *
   * @param order the step that wrote it, counted over all lives
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by isSame
  record Cell(String key, byte[] value, boolean tombstone, long order) {
    boolean isSame(Cell other) {
      return tombstone == other.tombstone
          && key.equals(other.key)
          && Arrays.equals(value, other.value);
    }

    @Override
    public String toString() {
      return key + (tombstone ? "+" : "") + "(" + value.length + ")";
    }
  }

  /** What a log holds. */
  static final class Content {
    final TreeMap<Long, Cell> cells = new TreeMap<>();
    long floor;
    long last;

    static Content read(WalReader log) throws IOException {
      Content content = new Content();
      for (WalEntry entry : log) {
        Cell cell = new Cell(entry.key(), entry.value(), entry.isTombstone(), 0);
        require(content.cells.put(entry.index(), cell) == null, "twice: " + entry);
      }
      content.last = log.lastIndex();
      require(log.firstIndex() == content.first(), "first index is " + log.firstIndex());
      require(log.size() == content.cells.size(), "size is " + log.size());
      return content;
    }

    private static void require(boolean holds, String what) {
      if (!holds) {
        throw new AssertionError(what);
      }
    }

    long first() {
      return cells.isEmpty() ? last + 1 : cells.firstKey();
    }

    Content copy() {
      Content copy = new Content();
      copy.cells.putAll(cells);
      copy.floor = floor;
      copy.last = last;
      return copy;
    }

    boolean isSame(Content other) {
      return last == other.last && cells.size() == other.cells.size() && holds(other);
    }

    private boolean holds(Content other) {
      for (Map.Entry<Long, Cell> entry : other.cells.entrySet()) {
        Cell own = cells.get(entry.getKey());
        if (own == null || !own.isSame(entry.getValue())) {
          return false;
        }
      }
      return true;
    }

    /** Whether the other is this one without the entries written before some step. */
    boolean isSameButForOldest(Content other, long cutMax) {
      if (last != other.last || cells.size() < other.cells.size() || !holds(other)) {
        return false;
      }
      long lost = 0;
      long kept = Long.MAX_VALUE;
      for (Map.Entry<Long, Cell> entry : cells.entrySet()) {
        long order = entry.getValue().order;
        if (other.cells.containsKey(entry.getKey())) {
          kept = Math.min(kept, order);
        } else {
          lost = Math.max(lost, order);
        }
      }
      return lost < kept && lost < cutMax;
    }

    /** The step before which so many of the oldest entries were written. */
    long cutThatTakes(int entries) {
      List<Long> orders = new ArrayList<>(cells.values().stream().map(Cell::order).toList());
      orders.sort(null);
      return entries == 0 ? 0 : orders.get(entries - 1) + 1;
    }

    void dropWrittenBefore(long cut) {
      cells.values().removeIf(cell -> cell.order < cut);
    }

    @Override
    public String toString() {
      return "[" + first() + ", " + last + "] " + cells;
    }
  }

  /** What a step does to a log. */
  interface Step {
    void apply(Content content, long order);
  }

  /** Retention at work. */
  private record Retained(long cut) implements Step {
    @Override
    public void apply(Content content, long order) {
      content.dropWrittenBefore(cut);
    }
  }

  private Content base = new Content();
  private long baseOrder;
  private final List<Step> steps = new ArrayList<>();
  private Content now = new Content();
  private int acknowledged;
  private int durable;

  /** The last step behind which the log was looked at. */
  private int lookedAt;

  /** Of a disk that lies: all contents so far, any of which may come back. */
  private final List<Content> lineage = new ArrayList<>();

  private boolean keepsLineage;

  void keepLineage() {
    keepsLineage = true;
    lineage.add(base.copy());
  }

  // ---- what was done

  /** Behind everything attempted. */
  Content now() {
    return now;
  }

  /** Returns the step's number in this life. */
  int attempt(Step step) {
    steps.add(step);
    step.apply(now, baseOrder + steps.size());
    if (keepsLineage) {
      lineage.add(now.copy());
    }
    return steps.size();
  }

  void acknowledge(int step, boolean durably) {
    acknowledged = Math.max(acknowledged, step);
    if (durably) {
      durable = Math.max(durable, step);
    }
  }

  /** The last step but those of retention, which come to stay with the next write. */
  int attempted() {
    int last = steps.size();
    while (last > 0 && steps.get(last - 1) instanceof Retained) {
      last--;
    }
    return last;
  }

  int acknowledged() {
    return acknowledged;
  }

  /** The log says that all indexes up to one are durable, and shows what {@link #now} holds. */
  void durableIndex(long index) {
    for (Cell cell : now.cells.headMap(index, true).values()) {
      durable = Math.max(durable, (int) (cell.order - baseOrder));
    }
  }

  /** The log shows so many entries; if they are fewer, retention took the oldest. */
  void shows(int entriesLeft) {
    int gone = now.cells.size() - entriesLeft;
    if (gone > 0) {
      attempt(new Retained(now.cutThatTakes(gone)));
    }
    lookedAt = steps.size();
  }

  // ---- what was found

  /**
   * Checks what an opening found and goes on from there.
   *
   * @param lostPower whether only what was durable must be there
   * @param retains whether retention may have been at work
   */
  void found(Content found, boolean lostPower, boolean retains) {
    int floor = lostPower ? durable : Math.max(acknowledged, durable);
    Content content = base.copy();
    Content best = floor == 0 && matches(content, found, 0, retains) ? content.copy() : null;
    int bestStep = 0;
    for (int step = 1; step <= steps.size(); step++) {
      steps.get(step - 1).apply(content, baseOrder + step);
      if (step >= floor && matches(content, found, step, retains)) {
        best = content.copy();
        bestStep = step;
      }
    }
    if (best == null && keepsLineage) {
      best = fromLineage(found);
    }
    if (best == null) {
      throw new AssertionError(
          "found what was never there, or lost what was acknowledged: found "
              + found
              + "; the last of "
              + steps.size()
              + " steps that must be there is "
              + floor
              + ", with "
              + behind(floor)
              + "; attempted was "
              + now);
    }
    best.cells.keySet().retainAll(found.cells.keySet());
    settle(best, bestStep);
  }

  private Content fromLineage(Content found) {
    for (int i = lineage.size() - 1; i >= 0; i--) {
      if (lineage.get(i).isSame(found)) {
        Content match = lineage.get(i).copy();
        lineage.subList(i + 1, lineage.size()).clear();
        return match;
      }
    }
    return null;
  }

  private boolean matches(Content content, Content found, int step, boolean retains) {
    return content.isSame(found) || (retains && content.isSameButForOldest(found, nextCut(step)));
  }

  /** Up to where retention may have been at work behind a step. */
  private long nextCut(int step) {
    for (int i = step; i < steps.size(); i++) {
      if (steps.get(i) instanceof Retained retained) {
        return retained.cut;
      }
    }
    return lookedAt < steps.size() ? Long.MAX_VALUE : 0;
  }

  private Content behind(int step) {
    Content content = base.copy();
    for (int i = 0; i < step; i++) {
      steps.get(i).apply(content, baseOrder + i + 1);
    }
    return content;
  }

  private void settle(Content content, int step) {
    base = content;
    baseOrder += steps.size();
    steps.clear();
    now = base.copy();
    acknowledged = 0;
    durable = 0;
    lookedAt = 0;
    if (keepsLineage && step > 0) {
      lineage.add(base.copy());
    }
  }
}
