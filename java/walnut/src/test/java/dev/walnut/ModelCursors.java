package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.LogClosedException;
import dev.walnut.exception.TruncatedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Cursors of the log itself, which live long and go on. */
final class ModelCursors {
  private static final int CURSORS = 6;

  /** A cursor, and what it has still to show before it looks again. */
  private final class Follower {
    final ReadUpTo upTo;
    final WalCursor cursor;
    final ArrayDeque<ModelLog.Cell> rest = new ArrayDeque<>();

    /** The first index not passed. */
    long position;

    /** When it looked. */
    long seen;

    /** The last index that it surely sees; one that may or may not be durable lies above. */
    long surely;

    Follower(long from, ReadUpTo upTo) {
      this.upTo = upTo;
      position = from;
      long before = run.wal.durableIndex();
      cursor = run.wal.cursor(from, upTo);
      see(before);
    }

    private boolean durableOnly() {
      return upTo == ReadUpTo.DURABLE;
    }

    private long through() {
      return durableOnly() ? run.wal.durableIndex() : Long.MAX_VALUE;
    }

    private void see(long durableBefore) {
      seen = model.now;
      surely = durableOnly() ? durableBefore : Long.MAX_VALUE;
      rest.clear();
      rest.addAll(model.cells(position, through()));
    }

    /** Shows the next, and says whether it goes on. */
    boolean next() throws IOException {
      WalEntry shown;
      try {
        shown = cursor.next();
      } catch (CompactedException e) {
        assertThat(rest).as(this + ": " + e).anyMatch(cell -> cell.died != ModelLog.NEVER);
        assertThatThrownBy(cursor::next).isInstanceOf(CompactedException.class);
        end();
        return false;
      }
      if (shown == null) {
        assertThat(rest).as(this + " ends").noneMatch(cell -> cell.index <= surely);
        if (!rest.isEmpty()) {
          end();
        }
        return false;
      }
      ModelLog.Cell expected = rest.poll();
      assertThat(expected).as(this + " shows " + shown).isNotNull();
      assertThat(expected.isShown(shown, seen))
          .as(this + " shows " + shown + ", not " + expected)
          .isTrue();
      position = shown.index() + 1;
      return true;
    }

    /** Looks, and says whether there is more. */
    boolean look() throws IOException {
      long deepest = model.deepestEndCut(seen);
      boolean cut = deepest != ModelLog.NEVER;
      boolean truncated = deepest < position - 1;
      long durableBefore = run.wal.durableIndex();
      boolean more;
      try {
        more = cursor.await(Duration.ZERO);
      } catch (TruncatedException e) {
        assertThat(truncated).as(this + ": " + e).isTrue();
        end();
        return false;
      } catch (CompactedException e) {
        boolean ahead = rest.stream().anyMatch(cell -> cell.died != ModelLog.NEVER);
        assertThat((!cut && ahead) || model.frontCut(seen) >= position)
            .as(this + ": " + e)
            .isTrue();
        end();
        return false;
      }
      assertThat(truncated).as(this + " goes on, but entries it passed are gone").isFalse();
      if (!cut && !rest.isEmpty()) {
        assertThat(more).as(this + " has entries left").isTrue();
        return true;
      }
      assertThat(model.isRemovedInFront(position, seen))
          .as(this + " goes on, but entries it never showed were removed")
          .isFalse();
      see(durableBefore);
      if (more) {
        assertThat(rest).as(this + " is said to go on").isNotEmpty();
      } else {
        assertThat(rest).as(this + " has no more").noneMatch(cell -> cell.index <= surely);
        rest.clear();
      }
      return more;
    }

    private void end() {
      cursor.close();
      followers.remove(this);
    }

    @Override
    public String toString() {
      return upTo + " cursor at " + position + ", seen at " + seen + ", now " + model.now;
    }
  }

  private final ModelRun run;
  private final ModelLog model;
  private final List<Follower> followers = new ArrayList<>();

  ModelCursors(ModelRun run) {
    this.run = run;
    this.model = run.model;
  }

  void open() throws IOException {
    run.futures.join();
    if (followers.size() == CURSORS) {
      followers.get(run.random.nextInt(CURSORS)).end();
    }
    long from = run.chance(3) ? model.first() : run.someIndex();
    ReadUpTo upTo = run.random.nextBoolean() ? ReadUpTo.DURABLE : ReadUpTo.VISIBLE;
    run.say("cursor from " + from + ", " + upTo);
    followers.add(new Follower(from, upTo));
  }

  /** Shows some or all of what there is. */
  void read() throws IOException {
    run.futures.join();
    if (followers.isEmpty()) {
      return;
    }
    Follower follower = followers.get(run.random.nextInt(followers.size()));
    int most = run.chance(3) ? Integer.MAX_VALUE : 1 + run.random.nextInt(20);
    run.say("read " + most + " of " + follower);
    for (int i = 0; i < most && follower.next(); i++) {
      // It checks what it shows.
    }
  }

  /** Looks for more, and shows some of it. */
  void look() throws IOException {
    run.futures.join();
    if (followers.isEmpty()) {
      return;
    }
    Follower follower = followers.get(run.random.nextInt(followers.size()));
    int most = run.chance(3) ? Integer.MAX_VALUE : run.random.nextInt(20);
    run.say("look and read " + most + " of " + follower);
    for (int i = 0; i < most && follower.look() && follower.next(); i++) {
      // It checks what it shows.
    }
  }

  /** The log is closed, and they with it. */
  void logClosed() {
    for (Follower follower : followers) {
      assertThatThrownBy(() -> follower.cursor.await(Duration.ZERO))
          .isInstanceOf(LogClosedException.class);
      assertThatThrownBy(follower.cursor::next).isInstanceOf(LogClosedException.class);
    }
    followers.clear();
  }
}
