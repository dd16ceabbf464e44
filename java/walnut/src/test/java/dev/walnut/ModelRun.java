package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A log and its model: what all operations of one random sequence share. */
final class ModelRun {
  private static final int TOLD = 50;

  final Random random;
  final IndexOrder order;
  final Path base;
  final ModelLog model = new ModelLog();
  final List<WalHold> holds = new ArrayList<>();
  final ModelSegments segments = new ModelSegments(this);
  final ModelFutures futures = new ModelFutures(this);
  private final ArrayDeque<String> said = new ArrayDeque<>();
  Path dir;
  Wal wal;

  ModelRun(Random random, IndexOrder order, Path base) {
    this.random = random;
    this.order = order;
    this.base = base;
    this.dir = base.resolve("0");
  }

  /** Notes what is done, for who has to find out why it went wrong. */
  void say(String what) {
    said.addLast(what);
    if (said.size() > TOLD) {
      said.removeFirst();
    }
  }

  String said() {
    return String.join("\n", said);
  }

  boolean chance(int of) {
    return random.nextInt(of) == 0;
  }

  /** Mostly one near the end, taken or not. */
  long someIndex() {
    return switch (random.nextInt(8)) {
      case 0 -> Math.max(0, model.floor - 3 + random.nextInt(6));
      case 1 -> model.last + 1 + random.nextInt(30);
      case 2, 3 -> Math.max(0, model.last - random.nextInt(100));
      default -> model.last + 1;
    };
  }

  byte[] someValue() {
    byte[] value = new byte[chance(25) ? 2500 : random.nextInt(120)];
    random.nextBytes(value);
    return value;
  }

  String someKey() {
    return random.nextBoolean() ? "" : "k\u00fc" + random.nextInt(100);
  }

  WalEntry someEntry(long index) {
    return WalEntry.of(index, someKey(), someValue());
  }

  interface Call {
    @Nullable Long run() throws IOException;
  }

  /** What a call ended with. */
  record Outcome(@Nullable Long value, @Nullable Throwable failure) {
    void assertIs(@Nullable Long expected) {
      if (failure != null) {
        throw new AssertionError("expected " + expected + ", not a failure", failure);
      }
      assertThat(value).isEqualTo(expected);
    }

    void assertFailed(Class<?>... types) {
      assertThat(failure).as("returned " + value).isInstanceOfAny(types);
    }
  }

  /**
   * Makes one call. If it started a segment, the model has given up what retention took by then.
   */
  Outcome call(Call call) throws IOException {
    segments.beforeCall();
    Outcome outcome;
    try {
      outcome = new Outcome(call.run(), null);
    } catch (IOException | RuntimeException e) {
      outcome = new Outcome(null, e);
    }
    segments.afterCall();
    return outcome;
  }
}
