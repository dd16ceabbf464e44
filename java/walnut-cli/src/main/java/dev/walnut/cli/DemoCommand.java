package dev.walnut.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.Backend;
import dev.walnut.Wal;
import dev.walnut.WalStats;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code walnut demo}: writes a text, kills the writer, and checks what it had promised. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Writes every line of a text durably from a child process, kills that process with SIGKILL"
          + " in the middle, opens the log with the other back end, and checks that every line"
          + " reported as durable is there, byte for byte and in order, and nothing else is.",
      "Then a new child goes on. After the last kill one writes the rest."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every promise was kept",
      "1:the demo could not run",
      "2:wrong usage",
      "3:a promise was broken; the log is kept"
    })
final class DemoCommand implements Callable<Integer> {
  private static final int DEFAULT_LINES = 200_000;
  private static final int LINES_PER_ROUND_MIN = 500;

  /** Who writes. */
  enum Writers {
    BOTH,
    AUTO,
    NATIVE,
    JAVA
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description =
          "a text file (default: the names of the JDK's own classes and methods, numbered and"
              + " repeated to 200 000 lines, every hundredth of 64 KiB)")
  private @Nullable Path file;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "both",
      description =
          "the writers' back end: both (one after the other), auto, native or java; the check is"
              + " made with the other (default: ${DEFAULT-VALUE})")
  private Writers writers = Writers.BOTH;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "kills for each back end (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "256",
      description = "writes in flight, at least 16 (default: ${DEFAULT-VALUE})")
  private int inFlight;

  @Option(names = "--seed", paramLabel = "N", description = "of the moments of the kills")
  private @Nullable Long seed;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "a missing or empty directory for the logs, which stay there (default: a temporary one,"
              + " removed if all went well)")
  private @Nullable Path dir;

  @Option(names = "--json", description = "print JSON, for programs")
  private boolean json;

  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException, DemoFailure {
    require(rounds >= 1 && rounds <= 100_000, "--rounds", rounds, "1 to 100000");
    require(inFlight >= 16 && inFlight <= 65_536, "--in-flight", inFlight, "16 to 65536");
    Path base = dir == null ? Files.createTempDirectory("walnut-demo") : emptyDirectory(dir);
    try {
      run(base);
    } catch (DemoFailure e) {
      throw new DemoFailure(e.getMessage() + "; the log is kept in " + base);
    }
    if (dir == null) {
      delete(base);
    }
    return ExitCode.OK;
  }

  private void require(boolean holds, String option, int value, String range) {
    if (!holds) {
      throw new ParameterException(
          spec.commandLine(), option + ": " + value + " is out of range: " + range);
    }
  }

  private Path emptyDirectory(Path wanted) throws IOException {
    Files.createDirectories(wanted);
    try (Stream<Path> files = Files.list(wanted)) {
      if (files.findAny().isPresent()) {
        throw new ParameterException(spec.commandLine(), "--dir: " + wanted + " is not empty");
      }
    }
    return wanted;
  }

  static void delete(Path base) throws IOException {
    try (Stream<Path> files = Files.walk(base)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              found -> {
                try {
                  Files.delete(found);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  /** The text as a file, and how writer and checker shall read it. */
  private record Source(Path file, boolean numbered, DemoText text) {}

  private Source source(Path base) throws IOException {
    int needed = (rounds + 1) * LINES_PER_ROUND_MIN;
    if (file == null) {
      Path names = base.resolve("names.txt");
      JdkNames.write(names);
      return new Source(names, true, DemoText.read(names, true, Math.max(DEFAULT_LINES, needed)));
    }
    DemoText once = DemoText.read(file, false, 0);
    return new Source(
        file, false, once.lines() >= needed ? once : DemoText.read(file, false, needed));
  }

  private void run(Path base) throws IOException, InterruptedException, DemoFailure {
    PrintWriter out = spec.commandLine().getOut();
    long usedSeed = seed == null ? System.nanoTime() : seed;
    Source source = source(base);
    BackendChoice choice = BackendChoice.probe(base.resolve("probe"), writers);
    ObjectNode root = Json.object().put("seed", usedSeed).put("lines", source.text().lines());
    ArrayNode runs = root.putArray("runs");
    if (!json) {
      printHead(out, base, source, usedSeed, choice);
    }
    for (Backend writer : choice.writers()) {
      DemoRun run =
          new DemoRun(
              base.resolve("log-" + Json.name(writer)),
              source.file(),
              source.numbered(),
              source.text(),
              inFlight,
              writer,
              choice.checkerFor(writer));
      if (!json) {
        out.printf("%nwriter %s, checked by %s%n", Json.name(writer), Json.name(run.checker()));
      }
      run.run(rounds, new Random(usedSeed), json ? null : out);
      runs.add(run.json());
      if (!json) {
        run.printSummary(out);
      }
    }
    if (json) {
      Json.print(out, root);
    } else {
      out.println();
      out.println("Every promise was kept.");
    }
    out.flush();
  }

  private void printHead(
      PrintWriter out, Path base, Source source, long usedSeed, BackendChoice choice)
      throws IOException {
    String what = file == null ? "the names of the JDK's own classes and methods" : file.toString();
    String repeated =
        source.text().lines() > source.text().linesInFile()
            ? " (" + Text.count(source.text().linesInFile()) + " of them, repeated)"
            : "";
    out.println("text     " + Text.count(source.text().lines()) + " lines: " + what + repeated);
    out.println("log      " + base + ", " + Files.getFileStore(base).type());
    out.println(
        "settings forDatabase, segments of "
            + Text.bytes(DemoSettings.SEGMENT_BYTES)
            + ", batches of at most "
            + DemoSettings.BATCH_SIZE
            + ", "
            + inFlight
            + " writes in flight");
    out.println("kills    " + rounds + " for each back end, seed " + usedSeed);
    out.println("native   " + choice.nativeReason());
    if (!choice.nativeWorks()) {
      out.println("         so writer and checker are both java");
    }
    out.flush();
  }

  /** Which back ends take which part. */
  record BackendChoice(boolean nativeWorks, String nativeReason, List<Backend> writers) {

    /** Finds out by opening a log, as anybody would. */
    static BackendChoice probe(Path log, Writers wanted) throws IOException {
      boolean works;
      String reason;
      Backend automatic;
      try (Wal wal = Wal.open(DemoSettings.of(log, Backend.AUTO))) {
        WalStats stats = wal.stats();
        automatic = Backend.valueOf(stats.backend().toUpperCase(Locale.ROOT));
        works = automatic == Backend.NATIVE;
        reason = stats.backendReason();
      }
      delete(log);
      List<Backend> writers =
          switch (wanted) {
            case BOTH -> works ? List.of(Backend.NATIVE, Backend.JAVA) : List.of(Backend.JAVA);
            case AUTO -> List.of(automatic);
            case NATIVE -> List.of(Backend.NATIVE);
            case JAVA -> List.of(Backend.JAVA);
          };
      if (wanted == Writers.NATIVE && !works) {
        throw new IOException("--backend native: not available: " + reason);
      }
      return new BackendChoice(works, reason, writers);
    }

    Backend checkerFor(Backend writer) {
      return writer == Backend.JAVA && nativeWorks ? Backend.NATIVE : Backend.JAVA;
    }
  }
}
