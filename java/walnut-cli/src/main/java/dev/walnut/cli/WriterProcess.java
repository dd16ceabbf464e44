package dev.walnut.cli;

import dev.walnut.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A child JVM that writes, until it is killed on an acknowledgement or the text ends. */
final class WriterProcess {
  /** What a process that SIGKILL ended returns on Unix. */
  private static final int KILLED = 128 + 9;

  /** What the writer shall be at when it is killed. */
  enum Moment {
    /** Whatever it is at. */
    ANY,
    /** In the first batches of a new segment. */
    ROTATION,
    /** In a write call. */
    WRITE
  }

  /**
   * When to kill.
   *
   * @param acknowledgements how many to wait for
   * @param moment what to wait for then
   * @param delayNanos how long to wait after that, so that the kill meets the writer at any step:
   *     an acknowledgement arrives when the next batch is being synced, hardly ever while it is
   *     written
   */
  record Trigger(long acknowledgements, Moment moment, long delayNanos) {
    static final Trigger NEVER = new Trigger(Long.MAX_VALUE, Moment.ANY, 0);

    /** About as long as two batches take. */
    private static final long DELAY_NANOS_MAX = 1_000_000;

    static Trigger random(Random random, long mean, Moment moment) {
      long acknowledgements = mean / 10 + (long) (random.nextDouble() * mean * 1.2) + 1;
      long delayNanos = (long) (random.nextDouble() * DELAY_NANOS_MAX);
      return new Trigger(acknowledgements, moment, delayNanos);
    }

    void await(Path log) throws IOException {
      if (moment == Moment.WRITE) {
        TailWatch.awaitPart(log);
      } else {
        delay();
      }
    }

    private void delay() {
      long start = System.nanoTime();
      while (System.nanoTime() - start < delayNanos) {
        Thread.onSpinWait();
      }
    }
  }

  /**
   * What one child reported.
   *
   * @param backend the back end that ran
   * @param firstLine the line it started with
   * @param lastAcknowledged the last line it reported as durable; the one before the first if none
   * @param killed whether it was killed
   * @param figures its last figures
   */
  record Outcome(
      String backend, long firstLine, long lastAcknowledged, boolean killed, Figures figures) {

    long acknowledged() {
      return lastAcknowledged - firstLine + 1;
    }
  }

  /** What a child's log had counted when it last reported. */
  record Figures(
      long acknowledged, long syncs, long batches, long entries, long batchMax, long nanos) {
    static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0);
  }

  private final Path log;
  private final Trigger trigger;
  private String backend = "";
  private long firstLine;
  private long lastAcknowledged;
  private Figures figures = Figures.NONE;
  private boolean killed;
  private boolean ended;

  private WriterProcess(Path log, Trigger trigger) {
    this.log = log;
    this.trigger = trigger;
  }

  /** Runs a child to its end, by whichever cause. */
  static Outcome run(
      Path log, Path text, boolean numbered, int lines, int inFlight, Backend backend, Trigger when)
      throws IOException, InterruptedException, DemoFailure {
    Path errors = log.resolveSibling(log.getFileName() + ".stderr");
    Process process =
        new ProcessBuilder(command(log, text, numbered, lines, inFlight, backend))
            .redirectError(errors.toFile())
            .start();
    try {
      WriterProcess writer = new WriterProcess(log, when);
      process.getOutputStream().close();
      writer.listen(process);
      return writer.outcome(process.waitFor(), errors);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> command(
      Path log, Path text, boolean numbered, int lines, int inFlight, Backend backend) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    // Few threads: a kill reaches them one after the other, and is to reach the one that writes.
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    for (String property : List.of("walnut.native", "walnut.native.path", "java.io.tmpdir")) {
      String value = System.getProperty(property);
      if (value != null) {
        command.add("-D" + property + '=' + value);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("demo-writer", log.toString(), text.toString()));
    command.addAll(List.of("--lines", String.valueOf(lines)));
    command.addAll(List.of("--in-flight", String.valueOf(inFlight)));
    command.addAll(List.of("--backend", backend.name().toLowerCase(Locale.ROOT)));
    if (numbered) {
      command.add("--numbered");
    }
    return command;
  }

  /** Hears every line that the child could still write, those after the kill included. */
  private void listen(Process process) throws IOException, DemoFailure {
    Kill kill = new Kill(process);
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = nextLine(reader); line != null; line = nextLine(reader)) {
        if (hear(line) && !killed) {
          trigger.await(log);
          kill.now();
          killed = true;
        }
      }
    }
  }

  /** The next whole line; the kill may have cut the last one. */
  private static @Nullable String nextLine(BufferedReader reader) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = reader.read(); c >= 0; c = reader.read()) {
      if (c == '\n') {
        return line.toString();
      }
      line.append((char) c);
    }
    return null;
  }

  /** Returns whether this is the line to kill on. */
  private boolean hear(String line) throws DemoFailure {
    String[] words = line.split(" ", -1);
    switch (words[0]) {
      case "open" -> {
        backend = words[1];
        lastAcknowledged = Long.parseLong(words[2]);
        firstLine = lastAcknowledged + 1;
      }
      case "a", "n" -> {
        return acknowledged(Long.parseLong(words[1]), words[0].equals("n"));
      }
      case "s" -> figures(words);
      case "end" -> ended = true;
      default -> throw new DemoFailure("the writer said what it never says: " + line);
    }
    return false;
  }

  private boolean acknowledged(long index, boolean newSegment) throws DemoFailure {
    if (index != lastAcknowledged + 1) {
      throw new DemoFailure("line " + index + " was acknowledged after line " + lastAcknowledged);
    }
    lastAcknowledged = index;
    return index - firstLine + 1 >= trigger.acknowledgements()
        && (newSegment || trigger.moment() != Moment.ROTATION);
  }

  private void figures(String[] words) throws DemoFailure {
    figures =
        new Figures(
            Long.parseLong(words[1]),
            Long.parseLong(words[2]),
            Long.parseLong(words[3]),
            Long.parseLong(words[4]),
            Long.parseLong(words[5]),
            Long.parseLong(words[6]));
    if (figures.acknowledged() > figures.syncs() * DemoSettings.BATCH_SIZE) {
      throw new DemoFailure(
          figures.acknowledged()
              + " durable writes were acknowledged by "
              + figures.syncs()
              + " syncs, each of which may cover "
              + DemoSettings.BATCH_SIZE);
    }
  }

  private Outcome outcome(int status, Path errors) throws IOException {
    boolean unix = !System.getProperty("os.name").startsWith("Windows");
    boolean asExpected = ended ? (status == 0 || killed) : (killed && (!unix || status == KILLED));
    String said = Files.readString(errors).strip();
    if (!asExpected || (!said.isEmpty() && !killed)) {
      throw new IOException("the writer ended by itself with status " + status + ": " + said);
    }
    Files.delete(errors);
    return new Outcome(backend, firstLine, lastAcknowledged, killed, figures);
  }
}
