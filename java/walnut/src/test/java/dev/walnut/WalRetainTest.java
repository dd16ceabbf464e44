package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogClosedException;
import dev.walnut.internal.platform.Disk;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Retention by bytes and by age, on either body, with a clock that only the test moves. */
@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalRetainTest extends LogContract {
  private static final Duration DAY = Duration.ofDays(1);

  /** What a segment of ten entries of 100 bytes takes at least, and two of them never. */
  private static final long SEGMENT = 4096 + 10 * 100;

  @Parameter Backend body;

  private final AtomicLong clock = new AtomicLong(1_700_000_000_000L);

  @Override
  Backend backend() {
    return body;
  }

  private Wal openHere(WalConfig.Builder config) throws IOException {
    Disk disk = body == Backend.NATIVE ? NativeBody.required() : Disks.java();
    return DiskLogs.open(disk, config.build(), clock::get);
  }

  /** Appends entries up to an index, and waits for what that leaves to do. */
  private static void fill(Wal wal, long last) throws IOException {
    while (wal.lastIndex() < last) {
      wal.append("k", new byte[100]);
    }
    Await.until(() -> wal.stats().choresPending() == 0);
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toMillis());
  }

  // ---- by bytes

  @Test
  void retainBytes_whenASegmentIsStarted_keepsNoMoreThanThat() throws IOException {
    try (Wal wal = openHere(unique().retainBytes(3 * SEGMENT))) {
      fill(wal, 30);
      assertThat(wal.firstIndex()).isEqualTo(1);
      fill(wal, 40);
      assertThat(wal.firstIndex()).as("the fourth is only started").isEqualTo(11);
      fill(wal, 41);

      assertThat(wal.firstIndex()).isEqualTo(21);
      assertThat(wal.stats().segmentsDeleted()).isEqualTo(2);
    }
    assertThat(segmentNames()).containsExactly("segment_2", "segment_3", "segment_4");
  }

  @Test
  void retainBytes_smallerThanASegment_keepsTheOneThatIsStarted() throws IOException {
    try (Wal wal = openHere(unique().retainBytes(1))) {
      fill(wal, 35);

      assertThat(indexes(wal)).containsExactly(31L, 32L, 33L, 34L, 35L);
    }
  }

  @Test
  void retainBytes_smallerWhenReopened_actsAtTheNextSegmentAndNoSooner() throws IOException {
    try (Wal wal = openHere(unique())) {
      fill(wal, 45);
    }
    WalConfig.Builder smaller = unique().retainBytes(2 * SEGMENT + SEGMENT / 2);
    for (int life = 0; life < 3; life++) {
      try (Wal wal = openHere(smaller)) {
        assertThat(wal.firstIndex()).isEqualTo(1);
        assertThat(wal.retentionPreview().lastIndex()).isEqualTo(30);
      }
    }
    try (Wal wal = openHere(smaller)) {
      fill(wal, 50);
      assertThat(wal.firstIndex()).isEqualTo(1);

      fill(wal, 51);

      assertThat(wal.firstIndex()).isEqualTo(31);
    }
    try (Wal wal = openHere(smaller.openCheck(OpenCheck.FULL))) {
      assertThat(wal.firstIndex()).isEqualTo(31);
      assertThat(wal.lastIndex()).isEqualTo(51);
    }
  }

  // ---- by age

  @Test
  void retainFor_deletesWhatIsOlder_byTheTimeItsSuccessorWasMade() throws IOException {
    try (Wal wal = openHere(unique().retainFor(DAY))) {
      fill(wal, 1);
      pass(DAY.multipliedBy(10)); // the first entry is old, the last of its segment is not
      fill(wal, 11);
      pass(DAY);
      fill(wal, 21);
      assertThat(wal.firstIndex()).as("a day old, and no older").isEqualTo(1);
      pass(Duration.ofMillis(1));
      assertThat(wal.firstIndex()).as("time alone deletes nothing").isEqualTo(1);

      fill(wal, 31);

      assertThat(wal.firstIndex()).isEqualTo(11);
    }
  }

  @Test
  void retainFor_afterReopening_knowsTheTimesFromTheFiles() throws IOException {
    Path killed;
    try (Wal wal = openHere(unique())) {
      for (int segment = 0; segment < 4; segment++) {
        fill(wal, 10 * segment + 1);
        pass(DAY);
      }
      fill(wal, 40);
      killed = copyWhileOpen("killed");
    }
    for (Path dir : List.of(dir(), killed)) {
      try (Wal wal = openHere(unique(dir).retainFor(DAY.multipliedBy(2)))) {
        assertThat(wal.firstIndex()).isEqualTo(1);

        fill(wal, 41);

        assertThat(wal.firstIndex()).isEqualTo(11);
      }
    }
  }

  @Test
  void fault33_clockSetBack_deletesNothingYoungerThanItWas() throws IOException {
    try (Wal wal = openHere(unique().retainFor(DAY))) {
      fill(wal, 11);
      clock.addAndGet(-DAY.toMillis() * 300);
      fill(wal, 41); // by the clock, the first segment ends in 300 days
      assertThat(wal.firstIndex()).isEqualTo(1);
      pass(DAY.multipliedBy(3));

      fill(wal, 51);

      assertThat(wal.firstIndex()).as("what seems to be of the future stays").isEqualTo(1);
      pass(DAY.multipliedBy(300));
      fill(wal, 61);
      assertThat(wal.firstIndex()).isEqualTo(51);
    }
  }

  @Test
  void fault33_clockSetBackBetweenLives_opensAndWritesAsEver() throws IOException {
    try (Wal wal = openHere(unique().retainFor(DAY))) {
      fill(wal, 35);
    }
    clock.set(0);
    try (Wal wal = openHere(unique().retainFor(DAY).openCheck(OpenCheck.FULL))) {
      fill(wal, 55);

      assertThat(wal.size()).isEqualTo(55);
      assertThat(wal.recoveryReport().cutBytes()).isZero();
    }
  }

  // ---- all together, and before it happens

  @Test
  void limits_whicheverSaysSoDeletes() throws IOException {
    WalConfig.Builder three =
        unique().maxSegments(4).retainBytes(100 * SEGMENT).retainFor(DAY.multipliedBy(2));
    try (Wal wal = openHere(three)) {
      fill(wal, 41);
      assertThat(wal.firstIndex()).as("maxSegments").isEqualTo(11);
      pass(DAY.multipliedBy(3));

      fill(wal, 51);

      assertThat(wal.firstIndex()).as("retainFor, which spares what just ended").isEqualTo(41);
    }
  }

  @Test
  void preview_tellsWhatThenGoes_andTouchesNothing() throws IOException {
    try (Wal wal = openHere(unique().retainBytes(2 * SEGMENT).maxSegments(10))) {
      assertThat(wal.retentionPreview().isEmpty()).isTrue();
      fill(wal, 5);
      assertThat(wal.retentionPreview()).isEqualTo(new RetentionPreview(List.of(), 0, 0, 0, 0));
      fill(wal, 20);
      TreeMap<String, String> files = digests(dir());

      RetentionPreview preview = wal.retentionPreview();

      assertThat(digests(dir())).isEqualTo(files);
      assertThat(preview.files()).containsExactly(dir().resolve("segment_0"));
      assertThat(preview.entries()).isEqualTo(10);
      assertThat(preview.firstIndex()).isEqualTo(1);
      assertThat(preview.lastIndex()).isEqualTo(10);
      assertThat(preview.bytes()).isBetween(SEGMENT, 2 * SEGMENT);
      assertThat(wal.firstIndex()).isEqualTo(1);
      fill(wal, 21);
      assertThat(wal.firstIndex()).isEqualTo(preview.lastIndex() + 1);
      assertThat(preview.files().get(0)).doesNotExist();
    }
  }

  @Test
  void preview_byAge_movesWithTheClock_andTheTailNeverGoesByIt() throws IOException {
    try (Wal wal = openHere(unique().retainFor(DAY))) {
      fill(wal, 25);
      assertThat(wal.retentionPreview().isEmpty()).isTrue();
      pass(DAY.multipliedBy(2));

      assertThat(wal.retentionPreview().lastIndex()).isEqualTo(20);
    }
  }

  @Test
  void preview_ofALogThatKeepsOnlyTheNewSegment_namesTheTailToo() throws IOException {
    try (Wal wal = openHere(unique().maxSegments(1))) {
      fill(wal, 7);

      RetentionPreview preview = wal.retentionPreview();

      assertThat(preview.files()).containsExactly(dir().resolve("segment_0"));
      assertThat(preview.entries()).isEqualTo(7);
    }
  }

  @Test
  void preview_ofAClosedLog_isRefused() throws IOException {
    Wal wal = openHere(unique());
    wal.close();

    assertThatThrownBy(wal::retentionPreview).isInstanceOf(LogClosedException.class);
  }
}
