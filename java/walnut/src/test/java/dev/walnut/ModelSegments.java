package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which entries lie in one segment, and what retention may take: at the start of a segment, the
 * oldest ones whole, nothing that is held, and just what was announced.
 */
final class ModelSegments {
  private final ModelRun run;
  private boolean retains;
  private boolean unclear;
  private long rotations;
  private boolean pending;
  private @Nullable RetentionPreview preview;

  /** How many entries retention took. */
  int taken;

  ModelSegments(ModelRun run) {
    this.run = run;
  }

  /** A log was opened. */
  void opened() throws IOException {
    WalConfig config = run.wal.config();
    retains = config.maxSegments() > 0 || config.retainBytes() > 0;
    rotations = 0;
    pending = false;
    unclear = false;
    if (retains) {
      assign();
      unclear = true; // whether the next entry goes into the last segment or into a new one
    }
  }

  boolean retains() {
    return retains;
  }

  void beforeCall() throws IOException {
    if (retains) {
      run.futures.join();
      preview = run.wal.retentionPreview();
    }
  }

  void afterCall() throws IOException {
    if (!retains) {
      return;
    }
    long started = run.wal.stats().rotations() - rotations;
    rotations += started;
    assertThat(started).isBetween(0L, 1L);
    RetentionPreview announced = preview;
    if (started == 1 && announced != null) {
      take(announced);
      run.model.segment++;
      pending = true;
    }
  }

  private void take(RetentionPreview announced) {
    List<ModelLog.Cell> removed = oldest(announced.entries());
    assertThat(removed.stream().mapToLong(c -> c.index).min().orElse(0))
        .as("announced: " + announced)
        .isEqualTo(announced.firstIndex());
    assertThat(removed.stream().mapToLong(c -> c.index).max().orElse(0))
        .isEqualTo(announced.lastIndex());
    int most = run.wal.config().maxSegments();
    if (!announced.isEmpty() && run.wal.config().retainBytes() == 0) {
      assertThat(run.wal.stats().segments())
          .as("no more went than has to")
          .isGreaterThanOrEqualTo(most);
    }
    remove(removed);
    if (run.holds.isEmpty() && most > 0) {
      assertThat(run.model.alive.values().stream().map(cell -> cell.segment).distinct())
          .as("segments with entries, beside the one that was started")
          .hasSizeLessThan(most);
    }
  }

  private void remove(List<ModelLog.Cell> removed) {
    long held = run.holds.stream().mapToLong(WalHold::fromIndex).min().orElse(Long.MAX_VALUE);
    assertThat(removed).as("held from " + held).allMatch(cell -> cell.index < held);
    taken += removed.size();
    run.model.retain(removed);
  }

  /** The entries of so many oldest segments as hold this number of them. */
  private List<ModelLog.Cell> oldest(long count) {
    TreeMap<Integer, List<ModelLog.Cell>> bySegment = new TreeMap<>();
    for (ModelLog.Cell cell : run.model.alive.values()) {
      bySegment.computeIfAbsent(cell.segment, s -> new ArrayList<>()).add(cell);
    }
    List<ModelLog.Cell> oldest = new ArrayList<>();
    for (List<ModelLog.Cell> cells : bySegment.values()) {
      if (oldest.size() >= count) {
        break;
      }
      oldest.addAll(cells);
    }
    assertThat(oldest).as("only whole segments go, the oldest first").hasSize((int) count);
    return oldest;
  }

  /** Several calls have ended of which nobody knows when a segment was started. */
  void afterCalls() throws IOException {
    if (!retains) {
      return;
    }
    long started = run.wal.stats().rotations() - rotations;
    rotations += started;
    if (started > 0) {
      remove(oldest(run.model.alive.size() - run.wal.size()));
      assign();
      unclear = true;
      pending = true;
    }
  }

  /**
   * Whether a segment may have been started without a batch in it, by a write that was refused,
   * say. It and what retention took for it are not in the files yet, so a kill would undo both.
   */
  boolean isBarelyStarted() {
    return pending;
  }

  /** Something was written; once the first entry of a life is, it is clear where. */
  void afterWrite() throws IOException {
    pending = false;
    if (retains && unclear) {
      assign();
      unclear = false;
    }
  }

  /** Looks up where entries lie. */
  private void assign() throws IOException {
    Await.until(() -> run.wal.stats().choresPending() == 0);
    Map<Long, Integer> numbers = new HashMap<>();
    Wal.inspect(
        run.dir,
        "segment_",
        new WalInspector() {
          private int number;

          @Override
          public void segment(SegmentInfo segment) {
            number = segment.number();
          }

          @Override
          public void record(RecordInfo record) {
            if (record.type() == RecordInfo.Type.ENTRY) {
              numbers.put(record.index(), number);
            }
            run.model.segment = number;
          }
        });
    for (ModelLog.Cell cell : run.model.alive.values()) {
      assertThat(numbers).containsKey(cell.index);
      cell.segment = numbers.get(cell.index);
    }
  }
}
