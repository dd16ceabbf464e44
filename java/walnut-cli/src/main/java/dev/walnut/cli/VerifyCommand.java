package dev.walnut.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.Damage;
import dev.walnut.VerifyReport;
import dev.walnut.Wal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code walnut verify}: reads everything and says what is wrong. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads all of a log, every byte that says something, and tells what is wrong with it.",
      "Takes no lock and writes nothing; the log may be open and written to. What a crash has torn,"
          + " or a writer is writing now, is told as torn and is no damage: opening mends it.",
      "What is corrupt can be salvaged: see walnut salvage."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:nothing that was durable is wrong",
      "1:not verified: no such log, not readable, a salvage was interrupted",
      "2:wrong usage",
      "3:it is damaged"
    })
final class VerifyCommand implements Callable<Integer> {
  @Mixin private LogArguments log = new LogArguments();

  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    VerifyReport report = verify();
    if (report.segments() == 0) {
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
    return report.isIntact() ? ExitCode.OK : ExitCode.DAMAGE;
  }

  private VerifyReport verify() throws IOException {
    try (Steps steps = new Steps("verify", /* wanted= */ !log.json)) {
      return Wal.verify(log.dir, log.prefix, steps);
    }
  }

  private void print(PrintWriter out, VerifyReport report) {
    out.println(log.dir.resolve(log.prefix + '*'));
    out.println(
        "  "
            + Text.count(report.segments(), "segment", "segments")
            + ", "
            + Text.count(report.batches(), "batch", "batches")
            + ", "
            + Text.count(report.entries(), "entry", "entries")
            + ", "
            + Text.bytes(report.bytesRead())
            + " read");
    out.println(report.isIntact() ? "  nothing is damaged" : "  damaged:");
    printPlaces(out, report);
  }

  static void printPlaces(PrintWriter out, VerifyReport report) {
    report.damages().forEach(damage -> out.println("  " + Text.damage(damage)));
    report.tornEnds().forEach(torn -> out.println("  " + Text.damage(torn)));
    if (report.omitted() > 0) {
      out.println("  and " + Text.count(report.omitted(), "more place", "more places"));
    }
  }

  private ObjectNode json(VerifyReport report) {
    ObjectNode root = Json.object().put("dir", log.dir.toString()).put("prefix", log.prefix);
    addTo(root, report);
    return root;
  }

  /** Adds what a verification showed. */
  static void addTo(ObjectNode root, VerifyReport report) {
    root.put("intact", report.isIntact())
        .put("segments", report.segments())
        .put("batches", report.batches())
        .put("entriesFound", report.entries())
        .put("bytesRead", report.bytesRead());
    var damages = root.putArray("damages");
    for (Damage damage : report.damages()) {
      damages.add(Json.damage(damage));
    }
    var torn = root.putArray("tornEnds");
    for (Damage damage : report.tornEnds()) {
      torn.add(Json.damage(damage));
    }
    root.put("omitted", report.omitted());
  }
}
