package dev.walnut.realdisk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.Backend;
import dev.walnut.OpenCheck;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalReader;
import dev.walnut.internal.platform.NativeBody;
import dev.walnut.realdisk.LoopFileSystem.Kind;
import dev.walnut.realdisk.PowerCutChild.Life;
import dev.walnut.realdisk.ShutdownIoctl.Cut;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process writes to a log on a real file system, whose power is cut at a random moment, also
 * while the log is opened after the cut before. This process keeps what the other said was
 * acknowledged, and compares.
 *
 * <p>{@code -Dwalnut.powercut.rounds=N} cuts so often on each kind of file system, at most {@code
 * -Dwalnut.soak.seconds=N} long in all, as {@code -Dwalnut.soak.seed=N} says; with {@code
 * -Dwalnut.soak=true} it is 500 times.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class PowerCutTest {
  private static final boolean ALL = Boolean.getBoolean("walnut.soak");
  private static final int ROUNDS = Integer.getInteger("walnut.powercut.rounds", ALL ? 500 : 6);
  private static final long SEED = Long.getLong("walnut.soak.seed", 48);
  private static final long SECONDS =
      Long.getLong("walnut.soak.seconds", Long.MAX_VALUE) / Kind.values().length;

  /** So many rounds are lived on one file system, by one process. */
  private static final int ROUNDS_OF_A_LOG = 20;

  /** From so many rounds on, the mix is asserted. */
  private static final int ENOUGH_FOR_A_MIX = 100;

  private final long startedNanos = System.nanoTime();
  private final Random random = new Random(SEED);
  private final Counts counts = new Counts();

  @TempDir Path base;

  private static final class Counts {
    int cuts;
    int whileOpening;
    int inFlight;
    int lost;
    int writtenBack;
    long acknowledged;
    long segments;
    final int[] ofBackend = new int[Backend.values().length];
  }

  private boolean inTime() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos) < SECONDS;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void fault02_fault04_fault13_powerCut_leavesAPrefixWithAllThatWasDurable(Kind kind)
      throws Exception {
    NativeBody.required();

    while (counts.cuts < ROUNDS && inTime()) {
      try (LoopFileSystem files = LoopFileSystem.make(kind, base.toRealPath());
          Child child = Child.start()) {
        liveOn(files, child);
      }
    }

    System.out.printf(
        "power cut on %s: %d cuts (%d native, %d Java), %d while opening, %d with writes in flight,"
            + " %d that lost some of them, %d with files written back before, %d acknowledgements,"
            + " %d segments recovered; nothing wrong, -Dwalnut.soak.seed=%d%n",
        kind,
        counts.cuts,
        counts.ofBackend[Backend.NATIVE.ordinal()],
        counts.ofBackend[Backend.JAVA.ordinal()],
        counts.whileOpening,
        counts.inFlight,
        counts.lost,
        counts.writtenBack,
        counts.acknowledged,
        counts.segments,
        SEED);
    assertThat(counts.cuts).isPositive();
    if (counts.cuts >= ENOUGH_FOR_A_MIX) {
      assertThat(counts.whileOpening * 100 / counts.cuts)
          .as("%% while opening")
          .isGreaterThanOrEqualTo(5);
      assertThat(counts.inFlight * 100 / counts.cuts)
          .as("%% with writes in flight")
          .isGreaterThanOrEqualTo(30);
      assertThat(counts.lost * 100 / counts.cuts)
          .as("%% with something lost")
          .isGreaterThanOrEqualTo(10);
    }
  }

  private void liveOn(LoopFileSystem files, Child child) throws Exception {
    Path dir = files.root().resolve("log");
    Model held = Model.empty();
    for (int i = 0; i < ROUNDS_OF_A_LOG && counts.cuts < ROUNDS && inTime(); i++) {
      Life life = nextLife(dir);
      Book book = new Book(life, held);
      Cut cut = cut();
      try {
        child.live(life);
        cutWhileLiving(files, child, book, cut);
        files.mountAgain();
        held = assertRecovers(dir, book);
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(
            "cut "
                + counts.cuts
                + ", "
                + cut
                + ", -Dwalnut.soak.seed="
                + SEED
                + ": "
                + book
                + child.errors(),
            e);
      }
      count(life, book, held);
    }
  }

  private Life nextLife(Path dir) {
    SyncMode[] modes = SyncMode.values();
    return new Life(
        "l" + counts.cuts,
        dir,
        random.nextBoolean() ? Backend.NATIVE : Backend.JAVA,
        modes[random.nextInt(modes.length)],
        random.nextInt(3) == 0 ? 4 : 1,
        random.nextInt(3) == 0 ? 2 + random.nextInt(3) : 0,
        random.nextLong());
  }

  private Cut cut() {
    return switch (random.nextInt(10)) {
      case 0 -> Cut.ALL_FLUSHED;
      case 1, 2 -> Cut.JOURNAL_FLUSHED;
      default -> Cut.NOTHING_FLUSHED;
    };
  }

  // ---- the cut

  private void cutWhileLiving(LoopFileSystem files, Child child, Book book, Cut cut)
      throws Exception {
    boolean whileOpening = random.nextInt(4) == 0;
    long lines = whileOpening ? 1 : 1 + random.nextInt(1 << 1 + random.nextInt(10));
    long writtenBackAt = random.nextInt(3) == 0 ? random.nextLong(lines) : -1;
    counts.writtenBack += writtenBackAt >= 0 ? 1 : 0;
    for (long line = 1; book.note(child.said()); line++) {
      if (line == writtenBackAt) {
        writeBackOneOf(files.root().resolve("log"));
      }
      if (line == lines) {
        // not to wait for something: a moment between two that are told
        LockSupport.parkNanos(random.nextInt(whileOpening ? 20_000_000 : 1_000_000));
        book.cut();
        files.cutPower(cut);
      }
    }
  }

  /** As the kernel does whenever it likes, in any order: a file gets to the disk before others. */
  private void writeBackOneOf(Path dir) throws IOException {
    try (Stream<Path> listed = Files.list(dir)) {
      List<Path> all = listed.sorted().toList();
      Path one = all.get(random.nextInt(all.size()));
      try (FileChannel file = FileChannel.open(one)) {
        file.force(false);
      }
    } catch (NoSuchFileException e) {
      // deleted in this moment, or nothing is there yet
    }
  }

  // ---- what is left

  /** Opens a copy with both back ends, and what was left itself, sometimes for writing. */
  private Model assertRecovers(Path dir, Book book) throws IOException {
    Path copy = base.resolve("copy");
    if (!Files.isDirectory(dir)) {
      book.assertAllows(Model.empty());
      return Model.empty();
    }
    LoopFileSystem.copy(dir, copy);
    boolean nativeFirst = random.nextBoolean();

    Model shown = readOnly(dir);
    book.assertAllows(shown);
    Model recovered = recovered(copy, nativeFirst ? Backend.NATIVE : Backend.JAVA);
    assertThat(recovered).as("recovered, shown read-only before").isEqualTo(shown);
    assertThat(recovered(copy, nativeFirst ? Backend.JAVA : Backend.NATIVE))
        .as("opened once more")
        .isEqualTo(shown);
    if (random.nextInt(3) == 0) {
      assertThat(recovered(dir, nativeFirst ? Backend.JAVA : Backend.NATIVE)).isEqualTo(shown);
    }
    return shown;
  }

  private static Model readOnly(Path dir) throws IOException {
    try (WalReader reader = Wal.openReadOnly(dir, "segment_")) {
      return Model.of(reader);
    }
  }

  private Model recovered(Path dir, Backend backend) throws IOException {
    try (Wal wal = Wal.open(Life.config(dir, backend).openCheck(OpenCheck.FULL).build())) {
      counts.segments += wal.stats().segments();
      return Model.of(wal);
    }
  }

  private void count(Life life, Book book, Model found) {
    counts.cuts++;
    counts.ofBackend[life.backend().ordinal()]++;
    counts.whileOpening += book.wasOpened() ? 0 : 1;
    counts.inFlight += book.begun() > book.acknowledgements() ? 1 : 0;
    counts.lost += book.lostIn(found) ? 1 : 0;
    counts.acknowledged += book.acknowledgements();
  }
}
