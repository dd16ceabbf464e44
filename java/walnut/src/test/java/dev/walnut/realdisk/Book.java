package dev.walnut.realdisk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.realdisk.PowerCutChild.Life;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one life of a log has said that it attempted and that was acknowledged. */
final class Book {
  /*
   * A sync that is under way while the file system is shut down may return success, and its bytes
   * are lost: of 300 shutdowns under a loop of pwrite and fdatasync, 16 did so on ext4 and 8 on XFS,
   * all of them within the call, and no sync that had returned before it. A disk without power
   * returns nothing. So what was acknowledged from the beginning of that call on need not be there.
   * Both processes read the one monotonic clock of the machine.
   */

  /** A segment that retention counts is full, but for what a write batch did not fit into. */
  private static final int FULL_SEGMENT_ENTRIES = PowerCutChild.SEGMENT_ENTRIES - 2;

  private final Life life;
  private final Model before;
  private final List<String> lines = new ArrayList<>();
  private final List<String[]> steps = new ArrayList<>();
  private final Set<String> attempted = new HashSet<>();
  private final Set<String> notWritten = new HashSet<>();
  private final Map<Long, String> durableTogether = new HashMap<>();
  private int acknowledgements;
  private boolean logFailed;
  private long cutNanos = Long.MAX_VALUE;
  private long durable;
  private long firstNotWritten = Long.MAX_VALUE;
  private boolean opened;
  private boolean reached;

  /**
   * @param before what the log held when the life began
   */
  Book(Life life, Model before) {
    this.life = life;
    this.before = before;
  }

  private boolean isTogether() {
    return life.writers() > 1;
  }

  /** The power is cut from now on. */
  void cut() {
    cutNanos = System.nanoTime();
  }

  /** Notes a line; false if it was the last. */
  boolean note(String timedLine) {
    lines.add(timedLine);
    int space = timedLine.indexOf(' ');
    boolean beforeTheCut = Long.parseLong(timedLine.substring(0, space)) - cutNanos < 0;
    String line = timedLine.substring(space + 1);
    String[] words = line.split(" ", -1);
    logFailed |= words[0].equals(PowerCutChild.FAILED) && words[3].equals("LogFailedException");
    switch (words[0]) {
      case PowerCutChild.OPENING -> {}
      case PowerCutChild.OPENED -> opened(Long.parseLong(words[1]), Long.parseLong(words[2]));
      case PowerCutChild.NOT_OPENED -> assertRefusedByTheDisk(words[1], line);
      case PowerCutChild.BEGINS -> begins(words);
      case PowerCutChild.ACKNOWLEDGED -> acknowledgements++;
      case PowerCutChild.DURABLE -> durable(beforeTheCut, words);
      case PowerCutChild.FAILED -> failed(words, line);
      case PowerCutChild.READ -> read(words, line);
      case PowerCutChild.REFUSED -> refused(words, line);
      case PowerCutChild.ENDED -> reached = true;
      default -> throw new AssertionError(line);
    }
    return !reached;
  }

  private void opened(long first, long last) {
    opened = true;
    if (steps.isEmpty()) {
      assertThat(first).as("first index of what opens").isEqualTo(before.first);
      assertThat(last).as("last index of what opens").isEqualTo(before.last);
    }
  }

  private void begins(String... words) {
    String[] step = Arrays.copyOfRange(words, 2, words.length);
    attempted.addAll(List.of(step));
    steps.add(step);
    assertThat(isTogether() ? 0 : steps.size()).isEqualTo(Integer.parseInt(words[1]));
  }

  private void durable(boolean beforeTheCut, String... words) {
    acknowledgements++;
    if (!beforeTheCut) {
      return;
    }
    if (isTogether()) {
      durableTogether.put(Long.parseLong(words[1]), words[2]);
    }
    durable = Math.max(durable, Long.parseLong(words[1]));
  }

  private void failed(String[] words, String line) {
    boolean refusedCleanly = isRefusedCleanly(words[3], line);
    if (!words[3].equals("LogFailedException") && !refusedCleanly) {
      // opening again may meet the dead disk, and what must read a segment before it is written
      assertThat(steps.get(steps.size() - 1)[0])
          .as(line)
          .isIn("reopen", "tombstone", "before", "after");
      assertRefusedByTheDisk(words[3], line);
    } else if (!refusedCleanly && !words[2].equals("NOT_WRITTEN")) {
      return; // it may be there or not
    } else if (isTogether()) {
      notWritten.add(words[1]);
    } else {
      firstNotWritten = Math.min(firstNotWritten, Long.parseLong(words[1]));
    }
  }

  /** A segment that cannot be created fails nobody but who asked for it: nothing was written. */
  private static boolean isRefusedCleanly(String type, String line) {
    return type.equals("WalException") && line.contains("not written: start a segment: ");
  }

  private static void assertRefusedByTheDisk(String type, String line) {
    assertThat(type).as(line).doesNotContain("Corrupt").doesNotContain("Format");
  }

  private void read(String[] words, String line) {
    assertThat(words[2]).as(line).isNotIn("absent", "other bytes", "other");
    if (words[2].equals("whole")) {
      String key = words[3].replace("†", "");
      assertThat(attempted.contains(key) || before.keys.toString().contains(key)).as(line).isTrue();
    } else {
      assertRefusedByTheDisk(words[2], line);
    }
  }

  private void refused(String[] words, String line) {
    logFailed |= words[2].equals("LogFailedException");
    switch (words[1]) {
      case "append", "truncateAfter" ->
          assertThat(words[2].equals("LogFailedException") || isRefusedCleanly(words[2], line))
              .as(line)
              .isTrue();
      case "sync" -> {
        // a log that has not failed need not ask the disk if all was synced before
        String allowed =
            words[2].equals("nothing") && !logFailed ? "nothing" : "LogFailedException";
        assertThat(words[2]).as(line).isEqualTo(allowed);
      }
      default -> assertRefusedByTheDisk(words[2], line);
    }
  }

  // ---- the oracle

  /** Fails unless the log may hold this when the power is back. */
  void assertAllows(Model found) {
    if (isTogether()) {
      assertAllowsTogether(found);
      return;
    }
    long attemptedLast = Math.min(steps.size(), firstNotWritten - 1);
    Model state = before.copy();
    for (int step = 0; step <= attemptedLast; step++) {
      if (step > 0) {
        state.take(steps.get(step - 1));
      }
      if (step >= durable && isThat(found, state)) {
        return;
      }
    }
    throw new AssertionError(
        "found none of the states " + durable + " to " + attemptedLast + ", but " + found);
  }

  private boolean isThat(Model found, Model state) {
    if (life.maxSegments() == 0 || found.first <= state.first) {
      return found.equals(state);
    }
    return found.equals(state.from(found.first))
        && ofThisLife(found) >= retained(ofThisLife(state));
  }

  private long ofThisLife(Model model) {
    return model.keys.values().stream().filter(key -> key.startsWith(life.name() + ".")).count();
  }

  /** What retention leaves of so many entries, at least: full segments, and one that is begun. */
  private long retained(long entries) {
    return Math.min(entries, (long) (life.maxSegments() - 1) * FULL_SEGMENT_ENTRIES);
  }

  private void assertAllowsTogether(Model found) {
    Model old = before.copy();
    old.keys.headMap(found.first).clear();
    Map<String, Long> lastOfWriter = new HashMap<>();
    long next = Math.max(found.first, before.first);
    for (Map.Entry<Long, String> entry : found.keys.entrySet()) {
      assertThat(entry.getKey()).as("no gap").isEqualTo(next++);
      if (entry.getKey() <= before.last) {
        assertThat(entry.getValue()).isEqualTo(before.keys.get(entry.getKey()));
      } else {
        assertWrittenInOrder(entry.getValue(), lastOfWriter);
      }
    }
    assertThat(found.last).isEqualTo(next - 1).isGreaterThanOrEqualTo(before.last);
    if (life.maxSegments() == 0) {
      assertThat(found.first).isEqualTo(before.first);
    } else if (found.first > before.first) {
      assertThat(ofThisLife(found)).isGreaterThanOrEqualTo(retained(found.last - before.last));
    }
    durableTogether.forEach(
        (index, key) -> {
          assertThat(found.last).as("%d %s is durable", index, key).isGreaterThanOrEqualTo(index);
          if (index >= found.first) {
            assertThat(found.keys.get(index)).isEqualTo(key);
          }
        });
    assertThat(found.last).as("durable").isGreaterThanOrEqualTo(durable);
  }

  private void assertWrittenInOrder(String key, Map<String, Long> lastOfWriter) {
    assertThat(attempted).contains(key);
    assertThat(notWritten).doesNotContain(key);
    String[] parts = key.split("\\.", -1);
    long number = Long.parseLong(parts[2]);
    Long earlier = lastOfWriter.put(parts[1], number);
    if (earlier != null) {
      assertThat(number).as("%s follows its writer's last", key).isEqualTo(earlier + 1);
    }
  }

  // ---- for the counts

  boolean wasOpened() {
    return opened;
  }

  int acknowledgements() {
    return acknowledgements;
  }

  /** Whether the last that was attempted is not there. */
  boolean lostIn(Model found) {
    if (isTogether()) {
      return found.last < before.last + steps.size();
    }
    Model state = before.copy();
    steps.forEach(state::take);
    return !isThat(found, state);
  }

  int begun() {
    return steps.size();
  }

  /** For messages: the last words. */
  @Override
  public String toString() {
    return life
        + ", durable "
        + durable
        + ", said last:\n"
        + String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }
}
