package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;

/** Taking away at both ends, and what keeps it. */
final class ModelTruncations {
  private final ModelRun run;
  private final ModelLog model;

  /** How many there were. */
  int count;

  ModelTruncations(ModelRun run) {
    this.run = run;
    this.model = run.model;
  }

  void truncateBefore() throws IOException {
    count++;
    long wanted =
        run.chance(6)
            ? model.last + 1 + run.random.nextInt(20)
            : Math.max(0, model.last - run.random.nextInt(250));
    run.say("truncateBefore " + wanted);
    ModelRun.Outcome outcome = run.call(() -> run.wal.truncateBefore(wanted));
    long allowed = run.holds.stream().mapToLong(WalHold::fromIndex).min().orElse(Long.MAX_VALUE);
    model.truncateBefore(Math.max(model.floor, Math.min(wanted, allowed)));
    outcome.assertIs(model.floor);
  }

  void truncateAfter() throws IOException {
    count++;
    long wanted = Math.max(0, model.last + 2 - run.random.nextInt(60));
    run.say("truncateAfter " + wanted);
    ModelRun.Outcome outcome =
        run.call(
            () -> {
              run.wal.truncateAfter(wanted);
              return null;
            });
    if (wanted < model.last && wanted < model.first() - 1) {
      outcome.assertFailed(IllegalArgumentException.class);
      return;
    }
    outcome.assertIs(null);
    model.truncateAfter(wanted);
  }

  void reset() throws IOException {
    count++;
    boolean back = run.chance(3);
    long next = back ? run.random.nextInt(10) : Math.max(0, model.last + run.random.nextInt(50));
    run.say("reset " + next);
    ModelRun.Outcome outcome =
        run.call(
            () -> {
              run.wal.reset(next);
              return null;
            });
    outcome.assertIs(null);
    model.reset(next);
  }

  /** Takes one, or gives one back. */
  void hold() throws IOException {
    run.futures.join();
    if (run.holds.size() < 3 && run.random.nextInt(3) > 0) {
      long from = Math.max(0, model.last - run.random.nextInt(200));
      WalHold hold = run.wal.hold(from);
      run.say("hold " + from);
      assertThat(hold.fromIndex()).isEqualTo(Math.max(from, model.floor));
      run.holds.add(hold);
    } else if (!run.holds.isEmpty()) {
      WalHold hold = run.holds.remove(run.random.nextInt(run.holds.size()));
      run.say("give up hold " + hold.fromIndex());
      hold.close();
      hold.close();
    }
    assertThat(run.wal.stats().holds())
        .isEqualTo(run.holds.stream().map(WalHold::fromIndex).sorted().toList());
  }
}
