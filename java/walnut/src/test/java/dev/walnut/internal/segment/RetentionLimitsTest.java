package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.segment.RetentionLimits.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of the oldest segments go, by which limit. */
class RetentionLimitsTest {
  private static final long NOW = 1_700_000_000_000L;

  /** Four of 100 bytes and ten indexes; the newest ends now, each before a minute earlier. */
  private static final List<Candidate> FOUR =
      List.of(
          new Candidate(3, true, 100, NOW - 180_000),
          new Candidate(4, true, 100, NOW - 120_000),
          new Candidate(6, true, 100, NOW - 60_000),
          new Candidate(7, true, 100, NOW));

  private static int deleted(int segments, long bytes, long millis) {
    return new RetentionLimits(segments, bytes, millis).deleted(FOUR, NOW);
  }

  @Test
  void noLimit_deletesNothing() {
    assertThat(RetentionLimits.NONE.deleted(FOUR, NOW)).isZero();
    assertThat(new RetentionLimits(1, 1, 1).deleted(List.of(), NOW)).isZero();
  }

  @Test
  void segments_countTheOneThatIsStarted() {
    assertThat(deleted(5, 0, 0)).isZero();
    assertThat(deleted(4, 0, 0)).isEqualTo(1);
    assertThat(deleted(2, 0, 0)).isEqualTo(3);
    assertThat(deleted(1, 0, 0)).isEqualTo(4);
    assertThat(deleted(Integer.MAX_VALUE, 0, 0)).isZero();
  }

  @Test
  void segments_thatWereEmptied_doNotCount_andGoWithThoseBefore() {
    List<Candidate> middleEmptied =
        List.of(
            new Candidate(1, true, 100, NOW),
            new Candidate(2, true, 100, NOW),
            new Candidate(3, false, 100, NOW),
            new Candidate(4, false, 100, NOW),
            new Candidate(5, true, 100, NOW));

    assertThat(new RetentionLimits(4, 0, 0).deleted(middleEmptied, NOW)).isZero();
    assertThat(new RetentionLimits(3, 0, 0).deleted(middleEmptied, NOW)).isEqualTo(1);
    assertThat(new RetentionLimits(2, 0, 0).deleted(middleEmptied, NOW)).isEqualTo(4);
    assertThat(new RetentionLimits(1, 0, 0).deleted(middleEmptied, NOW)).isEqualTo(5);
    assertThat(new RetentionLimits(0, 400, 0).deleted(middleEmptied, NOW)).isEqualTo(1);
  }

  @Test
  void bytes_areThoseOfAllButTheOneThatIsStarted() {
    assertThat(deleted(0, 400, 0)).isZero();
    assertThat(deleted(0, 399, 0)).isEqualTo(1);
    assertThat(deleted(0, 200, 0)).isEqualTo(2);
    assertThat(deleted(0, 99, 0)).isEqualTo(4);
    assertThat(deleted(0, Long.MAX_VALUE, 0)).isZero();
  }

  @Test
  void age_isThatOfTheSegmentsEnd_andMustBeExceeded() {
    assertThat(deleted(0, 0, 180_000)).isZero();
    assertThat(deleted(0, 0, 179_999)).isEqualTo(1);
    assertThat(deleted(0, 0, 60_000)).isEqualTo(2);
    assertThat(deleted(0, 0, 1)).as("the newest ended just now").isEqualTo(3);
  }

  @Test
  void severalLimits_whicheverSaysSoDeletes() {
    assertThat(deleted(4, 200, 180_000)).isEqualTo(2);
    assertThat(deleted(2, 400, 180_000)).isEqualTo(3);
    assertThat(deleted(5, 400, 1)).isEqualTo(3);
    assertThat(deleted(5, 400, 180_000)).isZero();
  }

  @Test
  void fault33_timeOfTheFuture_isNow_andKeepsWhatIsNewer() {
    List<Candidate> jumped =
        List.of(
            new Candidate(3, true, 100, NOW - 180_000),
            new Candidate(4, true, 100, NOW + 86_400_000),
            new Candidate(6, true, 100, NOW - 120_000));

    assertThat(new RetentionLimits(0, 0, 1).deleted(jumped, NOW)).isEqualTo(1);
  }

  @Test
  void fault33_timesThatCannotBe_areCompared() {
    List<Candidate> broken =
        List.of(
            new Candidate(3, true, 100, Long.MIN_VALUE),
            new Candidate(4, true, 100, Long.MAX_VALUE));

    assertThat(new RetentionLimits(0, 0, 1).deleted(broken, NOW)).isEqualTo(1);
    assertThat(new RetentionLimits(0, 0, 1).deleted(broken, 0)).isEqualTo(1);
  }
}
