package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who holds a table from before a truncation finds in it what was there, and nothing newer. */
class TailTableTest {
  private static TailTable table(long step) {
    TailTable table = new TailTable();
    for (int i = 1; i <= 40; i++) {
      table.put(i * step, 1000 * i);
    }
    return table;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7})
  void within_indexesWrittenAgain_areNotSeenInTheOldTable(long step) {
    TailTable old = table(step);

    TailTable kept = old.within(5 * step, 20 * step);
    for (int i = 21; i <= 60; i++) {
      kept.put(i * step, 100_000 + i);
    }

    assertThat(old.count()).isEqualTo(40);
    assertThat(kept.count()).isEqualTo(56);
    for (int i = 1; i <= 60; i++) {
      assertThat(old.find(i * step)).as("old %s", i).isEqualTo(i <= 40 ? 1000 * i : 0);
      int expected = i < 5 ? 0 : i <= 20 ? 1000 * i : 100_000 + i;
      assertThat(kept.find(i * step)).as("kept %s", i).isEqualTo(expected);
    }
    OffsetTable seen = old.snapshot(40_001);
    assertThat(seen.count()).isEqualTo(40);
    assertThat(seen.offsetAt(39)).isEqualTo(40_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7})
  void within_nothingLeft_takesAnyIndexAnew(long step) {
    TailTable old = table(step);

    TailTable kept = old.within(0, -1);
    kept.put(3 * step, 77);
    kept.put(3 * step + 1, 88);

    assertThat(kept.count()).isEqualTo(2);
    assertThat(kept.find(3 * step)).isEqualTo(77);
    assertThat(kept.find(4 * step)).isEqualTo(step == 1 ? 88 : 0);
    assertThat(old.find(3 * step)).isEqualTo(3000);
    assertThat(old.find(40 * step)).isEqualTo(40_000);
  }
}
