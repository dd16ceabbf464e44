package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every state that a log goes through in a script, in order: what a crash leaves must be one of
 * them. Truncations and write batches are one step each, so no state lies within them.
 */
final class KillStates {
  /**
   * What a log holds.
   *
   * @param entries all of them, tombstones included; what retention took away is not in it
   * @param first the first index; last + 1 if there is none
   * @param last the last index
   */
  record State(TreeMap<Long, WalEntry> entries, long first, long last) {

    static State of(WalReader log) throws IOException {
      TreeMap<Long, WalEntry> entries = new TreeMap<>();
      for (WalEntry entry : log) {
        assertThat(entries.put(entry.index(), entry)).as("twice: %s", entry).isNull();
      }
      for (WalEntry entry : entries.values()) {
        assertThat(log.get(entry.index())).contains(entry);
        assertThat(log.contains(entry.index())).isTrue();
      }
      assertThat(log.size()).isEqualTo(entries.size());
      assertThat(log.contains(log.lastIndex() + 1)).isFalse();
      return new State(entries, log.firstIndex(), log.lastIndex());
    }

    /** The same, but for a front that retention took away. */
    State from(long from) {
      TreeMap<Long, WalEntry> kept = new TreeMap<>(entries.tailMap(from));
      return new State(kept, kept.isEmpty() ? last + 1 : kept.firstKey(), last);
    }

    /** With its steps, which the keys name, and not the values. */
    @Override
    public String toString() {
      List<String> shown = new ArrayList<>();
      entries
          .values()
          .forEach(e -> shown.add(e.index() + "=" + e.key() + (e.isTombstone() ? "†" : "")));
      return "[" + first + ", " + last + "] " + shown;
    }
  }

  private final List<State> states = new ArrayList<>();

  /** What a backup that has returned holds; null if there is none. */
  @Nullable State copied;

  KillStates() {
    states.add(new State(new TreeMap<>(), 1, 0));
  }

  /** The number of the last state. */
  int number() {
    return states.size() - 1;
  }

  State now() {
    return states.get(number());
  }

  void add(State next) {
    states.add(next);
  }

  /** Retention acted in the last step. */
  void retained(long first) {
    states.set(number(), now().from(first));
  }

  State get(int number) {
    return states.get(number);
  }

  /**
   * What may be found when some step was the last that must be there, and another the last that was
   * attempted. Retention acts with the header of a new segment, which may be there without its
   * first batch: then the entries are those of one step, and the front is that of the next.
   */
  List<State> allowed(int mustBeThere, int attempted) {
    List<State> allowed = new ArrayList<>(states.subList(mustBeThere, attempted + 1));
    for (int i = mustBeThere; i < attempted; i++) {
      if (states.get(i + 1).first() > states.get(i).first()) {
        allowed.add(states.get(i).from(states.get(i + 1).first()));
      }
    }
    return allowed;
  }
}
