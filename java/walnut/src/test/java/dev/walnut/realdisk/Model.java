package dev.walnut.realdisk;

import dev.walnut.WalEntry;
import dev.walnut.WalReader;
import java.io.IOException;
import java.util.TreeMap;

/**
 * What a log holds: its entries' keys by index, a tombstone's with a mark, and where it begins and
 * ends.
 */
final class Model {
  private static final String TOMBSTONE = "†";

  final TreeMap<Long, String> keys;
  long first;
  long last;

  private Model(TreeMap<Long, String> keys, long first, long last) {
    this.keys = keys;
    this.first = first;
    this.last = last;
  }

  static Model empty() {
    return new Model(new TreeMap<>(), 1, 0);
  }

  /** Reads all of a log; every value must be the one of its key. */
  static Model of(WalReader log) throws IOException {
    Model model = new Model(new TreeMap<>(), log.firstIndex(), log.lastIndex());
    for (WalEntry entry : log) {
      if (!Entries.isWhole(entry)) {
        throw new AssertionError("not the bytes that were written: " + entry);
      }
      if (model.keys.put(entry.index(), shown(entry)) != null) {
        throw new AssertionError("shown twice: " + entry);
      }
      if (!log.get(entry.index()).equals(java.util.Optional.of(entry))) {
        throw new AssertionError("get says something else than the cursor: " + entry);
      }
    }
    return model;
  }

  static String shown(WalEntry entry) {
    return entry.isTombstone() ? entry.key() + TOMBSTONE : entry.key();
  }

  Model copy() {
    return new Model(new TreeMap<>(keys), first, last);
  }

  /** The same, but for a front that retention took away. */
  Model from(long from) {
    return new Model(new TreeMap<>(keys.tailMap(from)), from, last);
  }

  // ---- what is done to a log

  /** Takes a step as it is told in a line: its name, and its numbers or keys. */
  void take(String... step) {
    switch (step[0]) {
      case "append" -> append(step);
      case "tombstone" -> tombstone(Long.parseLong(step[1]));
      case "before" -> before(Long.parseLong(step[1]));
      case "after" -> after(Long.parseLong(step[1]));
      case "reset" -> reset(Long.parseLong(step[1]));
      case "sync", "reopen" -> {} // changes nothing
      default -> throw new IllegalArgumentException("no step: " + String.join(" ", step));
    }
  }

  private void append(String... step) {
    for (int i = 1; i < step.length; i++) {
      keys.put(++last, step[i]);
    }
  }

  private void tombstone(long index) {
    keys.computeIfPresent(index, (i, key) -> key.endsWith(TOMBSTONE) ? key : key + TOMBSTONE);
  }

  private void before(long firstKept) {
    keys.headMap(firstKept).clear();
    first = Math.max(first, firstKept);
    last = Math.max(last, firstKept - 1);
  }

  private void after(long lastKept) {
    keys.tailMap(lastKept + 1).clear();
    last = lastKept;
  }

  private void reset(long next) {
    keys.clear();
    first = next;
    last = next - 1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Model model
        && first == model.first
        && last == model.last
        && keys.equals(model.keys);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(first) * 31 + Long.hashCode(last);
  }

  @Override
  public String toString() {
    return "[" + first + ", " + last + "] " + keys;
  }
}
