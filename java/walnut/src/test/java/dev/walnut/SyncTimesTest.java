package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How sync times are counted, and what is told of them. */
class SyncTimesTest {
  private final SyncTimer timer = new SyncTimer();

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1000, 0",
    "1001, 1",
    "2000, 1",
    "2001, 2",
    "4000, 2",
    "4001, 3",
    "16777216000, 24",
    "16777216001, 25",
    "9223372036854775807, 25"
  })
  void bucket_ofATime_isTheFirstThatReachesIt(long nanos, int bucket) {
    assertThat(SyncTimes.bucketOf(nanos)).isEqualTo(bucket);

    SyncTimes times = timer.snapshot();
    assertThat(times.boundNanos(bucket)).isGreaterThanOrEqualTo(nanos);
    if (bucket > 0) {
      assertThat(times.boundNanos(bucket - 1)).isLessThan(nanos);
    }
  }

  @Test
  void snapshot_afterSyncs_hasCountSumLongestAndQuantiles() {
    for (int i = 0; i < 98; i++) {
      timer.took(1_500);
    }
    timer.took(7_000_000);
    timer.took(3_000);

    SyncTimes times = timer.snapshot();

    assertThat(times.count()).isEqualTo(100);
    assertThat(times.totalNanos()).isEqualTo(98 * 1_500 + 7_003_000);
    assertThat(times.meanNanos()).isEqualTo(71_500);
    assertThat(times.maxNanos()).isEqualTo(7_000_000);
    assertThat(times.quantileNanos(0.5)).isEqualTo(2_000);
    assertThat(times.quantileNanos(0.99)).isEqualTo(4_000);
    assertThat(times.quantileNanos(1)).as("no more than the longest").isEqualTo(7_000_000);
    assertThat(times.countUpTo(0)).isZero();
    assertThat(times.countUpTo(1)).isEqualTo(98);
    assertThat(times.countUpTo(times.buckets() - 1)).isEqualTo(100);
    assertThat(timer.lastNanos()).isEqualTo(3_000);
  }

  @Test
  void snapshot_beforeTheFirstSync_isAllZeros() {
    SyncTimes times = timer.snapshot();

    assertThat(times.count()).isZero();
    assertThat(times.meanNanos()).isZero();
    assertThat(times.quantileNanos(0.99)).isZero();
    assertThat(times).isEqualTo(new SyncTimer().snapshot());
  }

  @Test
  void running_isTheAgeOfTheSyncUnderWay() {
    assertThat(timer.runningNanos(500)).isZero();

    timer.begin(100);
    assertThat(timer.runningNanos(500)).isEqualTo(400);

    timer.end();
    assertThat(timer.runningNanos(500)).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.01, 1.01, Double.NaN})
  void quantile_outsideZeroToOne_isRefused(double part) {
    assertThatThrownBy(() -> timer.snapshot().quantileNanos(part))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("part: " + part + " is out of range: 0 to 1");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, SyncTimes.BUCKETS})
  void bucket_outsideTheRange_isRefused(int bucket) {
    assertThatThrownBy(() -> timer.snapshot().countUpTo(bucket))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bucket: " + bucket + " is out of range: 0 to 25");
    assertThatThrownBy(() -> timer.snapshot().boundNanos(bucket))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
