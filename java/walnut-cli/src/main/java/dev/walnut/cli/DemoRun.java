package dev.walnut.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The kills of one back end's writers, and the sums over them. */
final class DemoRun {
  /** Most kills that aim at a write call come too late for it, so there are more of them. */
  private static final List<WriterProcess.Moment> MOMENTS =
      List.of(
          WriterProcess.Moment.ANY,
          WriterProcess.Moment.WRITE,
          WriterProcess.Moment.ROTATION,
          WriterProcess.Moment.WRITE);

  private final Path log;
  private final Path file;
  private final boolean numbered;
  private final DemoText text;
  private final int inFlight;
  private final Backend writer;
  private final Backend checker;
  private final List<Round> rounds = new ArrayList<>();

  /** A child's life and what was found after it. */
  private record Round(WriterProcess.Outcome written, DemoCheck.Result found) {

    long survivors() {
      return found.lastLine() - written.lastAcknowledged();
    }
  }

  DemoRun(
      Path log,
      Path file,
      boolean numbered,
      DemoText text,
      int inFlight,
      Backend writer,
      Backend checker) {
    this.log = log;
    this.file = file;
    this.numbered = numbered;
    this.text = text;
    this.inFlight = inFlight;
    this.writer = writer;
    this.checker = checker;
  }

  Backend checker() {
    return checker;
  }

  /** Kills so many writers, then lets one write to the end. */
  void run(int kills, Random random, @Nullable PrintWriter out)
      throws IOException, InterruptedException, DemoFailure {
    if (out != null) {
      printTitles(out);
    }
    long lastLine = 0;
    for (int i = 0; i < kills; i++) {
      long mean = (text.lines() - lastLine) / (kills - i + 1);
      WriterProcess.Moment moment = MOMENTS.get(i % MOMENTS.size());
      lastLine = round(WriterProcess.Trigger.random(random, mean, moment), lastLine, out);
    }
    lastLine = round(WriterProcess.Trigger.NEVER, lastLine, out);
    if (lastLine != text.lines()) {
      throw new DemoFailure("the last writer ended at line " + lastLine + " of " + text.lines());
    }
  }

  private long round(WriterProcess.Trigger when, long linesBefore, @Nullable PrintWriter out)
      throws IOException, InterruptedException, DemoFailure {
    WriterProcess.Outcome written =
        WriterProcess.run(log, file, numbered, text.lines(), inFlight, writer, when);
    if (written.firstLine() != linesBefore + 1) {
      throw new DemoFailure(
          "the writer went on with line " + written.firstLine() + " after line " + linesBefore);
    }
    if (!written.backend().equals(Json.name(writer))) {
      throw new DemoFailure(written.backend() + " wrote in place of " + Json.name(writer));
    }
    Round round = new Round(written, DemoCheck.run(log, text, written.lastAcknowledged(), checker));
    rounds.add(round);
    if (out != null) {
      print(out, round);
    }
    return round.found().lastLine();
  }

  private long count(Predicate<Round> what) {
    return rounds.stream().filter(what).count();
  }

  private static boolean killedInRotation(Round round) {
    return round.written().killed() && round.found().inRotation();
  }

  private static void printTitles(PrintWriter out) {
    out.printf(
        "%5s %9s %9s %8s %13s %7s %9s %8s %9s  %s%n",
        "round",
        "durable",
        "a second",
        "batches",
        "entries each",
        "syncs",
        "recovery",
        "beyond",
        "cut",
        "ended");
  }

  private void print(PrintWriter out, Round round) {
    WriterProcess.Figures figures = round.written().figures();
    out.printf(
        "%5d %9s %9s %8s %13s %7s %9s %8s %9s  %s%n",
        rounds.size(),
        Text.count(round.written().acknowledged()),
        Text.count(perSecond(figures.acknowledged(), figures.nanos())),
        Text.count(figures.batches()),
        perBatch(figures) + " ≤ " + figures.batchMax(),
        Text.count(figures.syncs()),
        Text.millis(round.found().recoveryNanos()),
        Text.count(round.survivors()),
        Text.bytes(round.found().cutBytes()),
        end(round));
    out.flush();
  }

  private static String end(Round round) {
    if (!round.written().killed()) {
      return "closed";
    }
    return killedInRotation(round) ? "killed in a rotation" : "killed";
  }

  private static long perSecond(long count, long nanos) {
    return nanos == 0 ? 0 : Math.round(count * 1e9 / nanos);
  }

  private static long perBatch(WriterProcess.Figures figures) {
    return figures.batches() == 0 ? 0 : Math.round((double) figures.entries() / figures.batches());
  }

  private WriterProcess.Figures total() {
    WriterProcess.Figures sum = WriterProcess.Figures.NONE;
    for (Round round : rounds) {
      WriterProcess.Figures next = round.written().figures();
      sum =
          new WriterProcess.Figures(
              sum.acknowledged() + next.acknowledged(),
              sum.syncs() + next.syncs(),
              sum.batches() + next.batches(),
              sum.entries() + next.entries(),
              Math.max(sum.batchMax(), next.batchMax()),
              sum.nanos() + next.nanos());
    }
    return sum;
  }

  void printSummary(PrintWriter out) {
    WriterProcess.Figures total = total();
    out.println(
        "      "
            + Text.count(total.acknowledged())
            + " writes reported durable, "
            + Text.count(perSecond(total.acknowledged(), total.nanos()))
            + " a second, by "
            + Text.count(total.syncs())
            + " syncs; batches of "
            + perBatch(total)
            + ", at most "
            + total.batchMax());
    out.println(
        "      kills: "
            + count(round -> round.written().killed())
            + "; lines survived that were not yet reported: "
            + count(round -> round.survivors() > 0)
            + "; a tail was cut: "
            + count(round -> round.found().cutBytes() > 0)
            + "; in a rotation: "
            + count(DemoRun::killedInRotation));
    out.flush();
  }

  ObjectNode json() {
    WriterProcess.Figures total = total();
    ObjectNode root =
        Json.object()
            .put("writer", Json.name(writer))
            .put("checker", Json.name(checker))
            .put("durableWrites", total.acknowledged())
            .put("durableWritesPerSecond", perSecond(total.acknowledged(), total.nanos()))
            .put("syncs", total.syncs())
            .put("batches", total.batches())
            .put("entriesPerBatchMax", total.batchMax())
            .put("kills", count(round -> round.written().killed()))
            .put("roundsWithUnacknowledgedSurvivors", count(round -> round.survivors() > 0))
            .put("roundsWithCutTail", count(round -> round.found().cutBytes() > 0))
            .put("roundsKilledInRotation", count(DemoRun::killedInRotation));
    ArrayNode list = root.putArray("rounds");
    for (Round round : rounds) {
      WriterProcess.Figures figures = round.written().figures();
      list.addObject()
          .put("firstLine", round.written().firstLine())
          .put("lastAcknowledged", round.written().lastAcknowledged())
          .put("lastLine", round.found().lastLine())
          .put("killed", round.written().killed())
          .put("batches", figures.batches())
          .put("entries", figures.entries())
          .put("entriesPerBatchMax", figures.batchMax())
          .put("syncs", figures.syncs())
          .put("writerNanos", figures.nanos())
          .put("recoveryNanos", round.found().recoveryNanos())
          .put("segmentsScanned", round.found().segmentsScanned())
          .put("cutBytes", round.found().cutBytes())
          .put("killedInRotation", killedInRotation(round));
    }
    return root;
  }
}
