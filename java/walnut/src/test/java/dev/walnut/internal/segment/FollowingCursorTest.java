package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.TruncatedException;
import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cursor notices between two looks at a log that is truncated; nothing is on disk. */
class FollowingCursorTest {
  @TempDir Path dir;

  private DiskDirectory directory;
  private SegmentFiles files;
  private LogState state;
  private View view;
  private int end = Format.HEADER_BYTES;
  private int sequence;

  @BeforeEach
  void startLog() throws IOException {
    directory = Disks.java().openDirectory(dir);
    files = new SegmentFiles(Disks.java(), directory, new SegmentNames("segment_"), 8);
    state = new LogState(new Segment(0, 1, 0, files), IndexBounds.FRESH, 0);
    publish();
  }

  @AfterEach
  void closeDirectory() throws IOException {
    directory.close();
  }

  private void publish() {
    view = state.view(end, state.last());
  }

  private void add(long from, long to) {
    for (long index = from; index <= to; index++) {
      state.addEntry(index, end);
      end += 64;
    }
    publish();
  }

  private void truncateAfter(long lastKept) throws IOException {
    state.truncateAfter(state.kept(0, lastKept), lastKept, ++sequence);
    publish();
  }

  private void rotate(int number) {
    state.sealTail(end);
    state.startTail(new Segment(number, 1, 0, files));
    end = Format.HEADER_BYTES;
    publish();
  }

  private FollowingCursor cursor(long from) {
    return new FollowingCursor(() -> view, files, from, /* durableOnly= */ false);
  }

  private static void assertTruncated(EntryCursor cursor, long position, long lastKept) {
    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(cursor::look)
          .isInstanceOfSatisfying(
              TruncatedException.class,
              e -> {
                assertThat(e.position()).isEqualTo(position);
                assertThat(e.lastKept()).isEqualTo(lastKept);
              });
    }
  }

  @Test
  void look_truncatedBelowThePosition_isTruncated_alsoWhenWrittenAgain() throws IOException {
    add(1, 10);
    FollowingCursor cursor = cursor(11);

    truncateAfter(8);
    assertThat(cursor.mayHaveMore()).isTrue();
    add(9, 20);

    assertTruncated(cursor, 11, 8);
  }

  @Test
  void look_truncatedSeveralTimes_namesTheDeepest() throws IOException {
    add(1, 10);
    FollowingCursor cursor = cursor(11);

    truncateAfter(9);
    truncateAfter(4);
    add(5, 20);
    truncateAfter(18);
    truncateAfter(7);
    rotate(1);

    assertTruncated(cursor, 11, 4);
  }

  @Test
  void look_truncatedJustBehindThePosition_goesOn() throws IOException {
    add(1, 10);
    FollowingCursor cursor = cursor(11);
    add(11, 15);

    truncateAfter(10);
    assertThat(cursor.look()).isFalse();
    add(11, 12);

    assertThat(cursor.look()).isTrue();
  }

  @Test
  void look_whatIsAheadWasTruncated_isNotShownAnyMore() throws IOException {
    add(1, 10);
    FollowingCursor cursor = cursor(6);

    truncateAfter(5);

    assertThat(cursor.look()).isFalse();
    assertThat(cursor.next()).isNull();
  }

  @Test
  void look_reset_isTruncated_unlessNothingCouldHaveBeenSeen() throws IOException {
    add(1, 10);
    FollowingCursor cursor = cursor(5);
    FollowingCursor first = cursor(0);

    state.reset(state.keptNone(), 5, ++sequence);
    publish();
    add(5, 6);

    assertTruncated(cursor, 5, -1);
    assertThat(first.look()).isTrue();
  }

  @Test
  void look_truncatedBeforeItWasMade_isNothingToIt() throws IOException {
    add(1, 10);
    truncateAfter(3);
    FollowingCursor cursor = cursor(11);
    assertThat(cursor.mayHaveMore()).isFalse();
    add(4, 11);

    assertThat(cursor.look()).isTrue();
  }

  @Test
  void look_frontTruncatedPastThePosition_isCompacted() throws IOException {
    add(1, 10);
    FollowingCursor at = cursor(11);
    FollowingCursor behind = cursor(12);
    add(11, 20);

    state.truncateBefore(state.kept(12, Long.MAX_VALUE), 12, 0, ++sequence);
    publish();

    assertThatThrownBy(at::look)
        .isInstanceOf(CompactedException.class)
        .hasMessageContaining("from index 11");
    assertThat(behind.look()).isTrue();
  }

  @Test
  void look_emptyFrontTruncated_lostNothing() throws IOException {
    FollowingCursor cursor = cursor(0);

    state.truncateBefore(state.kept(100, Long.MAX_VALUE), 100, 0, ++sequence);
    publish();
    add(100, 101);

    assertThat(cursor.look()).isTrue();
  }

  /** However many truncations there were, a slow reader is told, and one that kept up is not. */
  @Test
  void look_afterMoreCutsThanAreKept_slowReaderIsTold_quickOneIsNot() throws IOException {
    add(1, 10);
    FollowingCursor slow = cursor(11);
    FollowingCursor between = null;

    for (long round = 0; round < 500; round++) {
      truncateAfter(9 + round);
      add(10 + round, 11 + round);
      if (round == 480) {
        between = cursor(9 + round);
      }
    }

    assertTruncated(slow, 11, 9);
    assertThat(between.look()).isTrue();
  }

  @Test
  void mayHaveMore_onlyIfTheNewViewReachesThePosition() {
    add(1, 10);
    FollowingCursor cursor = cursor(12);

    assertThat(cursor.mayHaveMore()).isFalse();
    add(11, 11);
    assertThat(cursor.mayHaveMore()).isFalse();
    add(12, 12);
    assertThat(cursor.mayHaveMore()).isTrue();
  }
}
