package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.CompactedException;
import dev.walnut.exception.TruncatedException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reading beside the writer, by the files alone: fresh readers, and one that follows. */
final class ModelReaders {
  private final ModelRun run;
  private final ModelLog model;
  private final ModelChecks checks;
  private @Nullable WalReader reader;
  private @Nullable WalCursor cursor;

  /** When the reader looked at the files last, at least. */
  private long readerLooked;

  /** When what the cursor shows was looked at, at least. */
  private long seen;

  /** When what the cursor shows was looked at, at most. */
  private long looked;

  private long position;

  /** The last index shown; −1 if none was, and so nothing that was shown can be taken back. */
  private long passed;

  /** Whether the cursor has shown all it saw. */
  private boolean usedUp;

  private boolean durableOnly;

  ModelReaders(ModelRun run, ModelChecks checks) {
    this.run = run;
    this.model = run.model;
    this.checks = checks;
  }

  /** Opens one that finds all there is. */
  void fresh() throws IOException {
    run.futures.join();
    run.say("fresh reader");
    try (WalReader fresh = Wal.openReadOnly(run.dir, "segment_")) {
      checks.assertAgrees(fresh);
    }
  }

  /** Goes on with the cursor that follows. */
  void follow() throws IOException {
    run.futures.join();
    if (reader == null) {
      run.say("open a reader that stays");
      reader = Wal.openReadOnly(run.dir, "segment_");
      readerLooked = model.now;
      checks.assertEndsAgree(reader);
    }
    if (cursor == null) {
      open(reader);
    }
    run.say("reader: follow from " + position);
    try {
      read(reader, cursor);
    } catch (TruncatedException e) {
      assertThat(model.deepestEndCut(seen)).as(this + ": " + e).isLessThan(position - 1);
      end();
    } catch (CompactedException e) {
      assertThat(isPartGone()).as(this + ": " + e).isTrue();
      end();
    }
  }

  private void open(WalReader from) {
    position = run.chance(3) ? from.firstIndex() : run.someIndex();
    durableOnly = run.chance(3);
    run.say("reader: cursor from " + position + (durableOnly ? ", durable" : ""));
    cursor = from.cursor(position, durableOnly ? ReadUpTo.DURABLE : ReadUpTo.VISIBLE);
    seen = readerLooked;
    looked = model.now;
    usedUp = false;
    passed = -1;
  }

  private void read(WalReader from, WalCursor shows) throws IOException {
    long lookedBefore = looked;
    long passedBefore = passed;
    boolean more = shows.await(Duration.ZERO);
    looked = model.now;
    if (!more || usedUp) {
      assertNotCut(passedBefore, lookedBefore, model.now + 1);
      readerLooked = model.now;
      seen = model.now;
    }
    usedUp = !more;
    if (more) {
      show(shows, passedBefore, lookedBefore);
      return;
    }
    checks.assertEndsAgree(from);
    if (!durableOnly) {
      assertThat(model.cells(position, Long.MAX_VALUE)).as(this + " has no more").isEmpty();
    }
  }

  private void show(WalCursor shows, long passedBefore, long lookedBefore) throws IOException {
    int most = run.chance(2) ? Integer.MAX_VALUE : 1 + run.random.nextInt(20);
    for (int i = 0; i < most; i++) {
      WalEntry shown = shows.next();
      if (shown == null) {
        usedUp = true;
        return;
      }
      assertNotCut(passedBefore, lookedBefore, assertFollows(shown).born);
      passed = shown.index();
      position = shown.index() + 1;
    }
  }

  private ModelLog.Cell assertFollows(WalEntry shown) {
    assertThat(shown.index()).as(this + " shows " + shown).isGreaterThanOrEqualTo(position);
    assertThat(model.cells(position, shown.index() - 1))
        .as(this + " shows " + shown + " next")
        .allMatch(cell -> cell.born > seen);
    ModelLog.Cell cell =
        model.ever(shown.index()).stream()
            .filter(c -> c.died > seen && c.isShown(shown, -1))
            .findFirst()
            .orElse(null);
    assertThat(cell).as(this + " shows " + shown + ", which was not there").isNotNull();
    if (durableOnly && run.order == IndexOrder.SEQUENTIAL && cell.died == ModelLog.NEVER) {
      assertThat(cell.index).as("durable").isLessThanOrEqualTo(run.wal.durableIndex());
    }
    return cell;
  }

  private void assertNotCut(long shownBefore, long since, long until) {
    assertThat(model.isCutBelow(shownBefore, since, until))
        .as(this + " goes on, but entries it passed are gone")
        .isFalse();
  }

  /** Files may be gone as soon as anything was taken away, which is all a reader can tell. */
  private boolean isPartGone() {
    return model.frontCut(seen) >= 0 || model.deepestEndCut(seen) != ModelLog.NEVER;
  }

  private void end() {
    WalCursor ended = cursor;
    if (ended != null) {
      ended.close();
    }
    cursor = null;
  }

  /** The log goes on elsewhere. */
  void close() throws IOException {
    end();
    WalReader closed = reader;
    if (closed != null) {
      closed.close();
    }
    reader = null;
  }

  @Override
  public String toString() {
    return "reader's cursor at " + position + ", seen at " + seen + ", now " + model.now;
  }
}
