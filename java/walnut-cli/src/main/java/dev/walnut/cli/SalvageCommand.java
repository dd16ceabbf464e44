package dev.walnut.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.SalvageMode;
import dev.walnut.SalvageReport;
import dev.walnut.Wal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code walnut salvage}: a log that opens, of what is intact in a corrupt one. */
@Command(
    name = "salvage",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a log that opens of what is intact in a corrupt one. Without --apply it only tells"
          + " what would be kept, takes no lock and writes nothing.",
      "Every entry whose record is intact is kept, with its index and in the order written; a write"
          + " batch is kept whole or not at all. Lost indexes stay missing.",
      "With --apply a new log is built beside the old one, read back, and swapped in by renaming"
          + " files. The old files stay, in a folder that is named at the end. It takes as much"
          + " space as the log. If it is interrupted, run it again.",
      "A log that is intact, or that a crash has merely torn, is left alone: it opens as it is."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:there was nothing to salvage, or with --apply: the log is salvaged",
      "1:not done: no such log, locked, no space, a newer format",
      "2:wrong usage",
      "3:without --apply: the log is damaged and can be salvaged"
    })
final class SalvageCommand implements Callable<Integer> {
  @Mixin private LogArguments log = new LogArguments();

  @Option(names = "--apply", description = "do it, instead of telling what would be done")
  private boolean apply;

  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    SalvageReport report = salvage();
    if (report.verification().segments() == 0) {
      throw new NoSuchFileException(
          log.dir.resolve(log.prefix + '*').toString(), null, "there is no log");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (log.json) {
      Json.print(out, json(report));
    } else {
      print(out, report);
    }
    out.flush();
    return report.isNeeded() && !report.isApplied() ? ExitCode.DAMAGE : ExitCode.OK;
  }

  private SalvageReport salvage() throws IOException {
    SalvageMode mode = apply ? SalvageMode.APPLY : SalvageMode.DRY_RUN;
    try (Steps steps = new Steps("salvage", /* wanted= */ !log.json)) {
      return Wal.salvage(log.dir, log.prefix, mode, steps);
    }
  }

  private void print(PrintWriter out, SalvageReport report) {
    out.println(log.dir.resolve(log.prefix + '*'));
    if (report.isResumed()) {
      out.println("  an interrupted salvage was finished");
    }
    VerifyCommand.printPlaces(out, report.verification());
    if (!report.isNeeded()) {
      out.println(
          report.isApplied() ? "  the log opens" : "  nothing to salvage: the log opens as it is");
    } else {
      printKept(out, report);
    }
    report.quarantine().ifPresent(folder -> out.println("  the old files are in " + folder));
    if (report.isNeeded() && !report.isApplied()) {
      out.println("  nothing was changed; --apply does it");
    }
  }

  private static void printKept(PrintWriter out, SalvageReport report) {
    String kept = report.isApplied() ? "  kept: " : "  would be kept: ";
    out.println(
        kept
            + Text.count(report.entries(), "entry", "entries")
            + (report.entries() == 0
                ? ""
                : ", from index " + report.firstIndex() + " on, last index " + report.lastIndex())
            + (report.tombstones() == 0 ? "" : ", " + report.tombstones() + " of them tombstoned"));
    printRanges(out, "missing indexes", report.missing(), report.missingIndexes());
    printRanges(
        out,
        "intact, but their write batch is not whole",
        report.dropped(),
        report.droppedEntries());
    report
        .uncertain()
        .forEach(
            lost ->
                out.println(
                    "  uncertain: "
                        + Text.count(lost.entries(), "entry", "entries")
                        + " of indexes "
                        + lost.firstIndex()
                        + " to "
                        + lost.lastIndex()
                        + " may have been truncated or tombstoned in what is lost of "
                        + lost.file()
                        + " from offset "
                        + lost.from()));
    report.ignored().forEach(file -> out.println("  not part of the log: " + file));
  }

  private static void printRanges(
      PrintWriter out, String what, List<SalvageReport.IndexRange> ranges, long count) {
    if (count == 0) {
      return;
    }
    StringBuilder line = new StringBuilder("  " + what + ": " + Text.count(count) + ": ");
    String separator = "";
    for (SalvageReport.IndexRange range : ranges.subList(0, Math.min(10, ranges.size()))) {
      line.append(separator).append(range.first());
      if (range.last() > range.first()) {
        line.append(" to ").append(range.last());
      }
      separator = ", ";
    }
    out.println(ranges.size() > 10 ? line + ", …" : line.toString());
  }

  private ObjectNode json(SalvageReport report) {
    ObjectNode root =
        Json.object()
            .put("dir", log.dir.toString())
            .put("prefix", log.prefix)
            .put("needed", report.isNeeded())
            .put("applied", report.isApplied())
            .put("resumed", report.isResumed());
    report.quarantine().ifPresent(folder -> root.put("quarantine", folder.toString()));
    if (report.isNeeded()) {
      root.put("entries", report.entries())
          .put("tombstones", report.tombstones())
          .put("firstIndex", report.firstIndex())
          .put("lastIndex", report.lastIndex())
          .put("missingIndexes", report.missingIndexes())
          .put("droppedEntries", report.droppedEntries());
      addRanges(root.putArray("missing"), report.missing());
      addRanges(root.putArray("dropped"), report.dropped());
      ArrayNode uncertain = root.putArray("uncertain");
      for (SalvageReport.Uncertainty lost : report.uncertain()) {
        uncertain
            .addObject()
            .put("file", lost.file().toString())
            .put("from", lost.from())
            .put("to", lost.to())
            .put("entries", lost.entries())
            .put("firstIndex", lost.firstIndex())
            .put("lastIndex", lost.lastIndex());
      }
      ArrayNode ignored = root.putArray("ignored");
      report.ignored().forEach(file -> ignored.add(file.toString()));
    }
    VerifyCommand.addTo(root.putObject("verification"), report.verification());
    return root;
  }

  private static void addRanges(ArrayNode array, List<SalvageReport.IndexRange> ranges) {
    for (SalvageReport.IndexRange range : ranges) {
      array.addObject().put("first", range.first()).put("last", range.last());
    }
  }
}
