package dev.walnut.cli;

import dev.walnut.BackupReport;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.exception.LogLockedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code walnut backup}: a copy of a log that nobody has open. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Copies a log into an empty directory. The copy is a log like any other: verify it, open it, or"
          + " copy its files back.",
      "The log is opened for that as its program would open it, and closed: a torn end is mended, a"
          + " corrupt log is refused. While a process has it open this is refused; only that"
          + " process can back it up, by Wal.backup, without closing it.",
      "Full segments are hard-linked where that can be done: they take no space, and are the same"
          + " files. Name a directory on another file system for a copy of every byte."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the backup is complete and durable",
      "1:not done: no such log, corrupt, open elsewhere, the target is not empty, no space",
      "2:wrong usage: the target is the log's own directory, or lies in it"
    })
final class BackupCommand implements Callable<Integer> {
  @Mixin private LogArguments log = new LogArguments();

  @Parameters(
      index = "1",
      paramLabel = "TARGET",
      description = "an empty directory; created if missing")
  private Path target = Path.of("");

  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    requireLog();
    BackupReport report;
    try (Wal wal = open();
        Steps steps = new Steps("backup", /* wanted= */ !log.json)) {
      report = wal.backup(target, steps);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (log.json) {
      printJson(out, report);
    } else {
      print(out, report);
    }
    out.flush();
    return ExitCode.OK;
  }

  /** Opening would create one. */
  private void requireLog() throws IOException {
    Pattern segment = Pattern.compile(Pattern.quote(log.prefix) + "(0|[1-9][0-9]*)");
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(log.dir)) {
      for (Path entry : entries) {
        if (segment.matcher(String.valueOf(entry.getFileName())).matches()) {
          return;
        }
      }
    }
    throw new NoSuchFileException(
        log.dir.resolve(log.prefix + '*').toString(), null, "there is no log");
  }

  private Wal open() throws IOException {
    try {
      return Wal.open(WalConfig.forDatabase(log.dir).prefix(log.prefix).build());
    } catch (LogLockedException e) {
      throw new LogLockedException(
          e.getMessage() + "; to back it up without closing it, call Wal.backup in that process",
          e);
    }
  }

  private void print(PrintWriter out, BackupReport report) {
    out.println(target.resolve(log.prefix + '*'));
    out.println(
        report.lastIndex() < report.firstIndex()
            ? "  no entries"
            : "  indexes " + report.firstIndex() + " to " + report.lastIndex());
    out.println(
        "  "
            + Text.count(report.files(), "file", "files")
            + ", "
            + Text.count(report.linkedFiles())
            + " of them linked, "
            + Text.count(report.bytesCopied())
            + " bytes copied");
  }

  private void printJson(PrintWriter out, BackupReport report) throws IOException {
    Json.print(
        out,
        Json.object()
            .put("dir", log.dir.toString())
            .put("prefix", log.prefix)
            .put("target", target.toString())
            .put("files", report.files())
            .put("linkedFiles", report.linkedFiles())
            .put("bytesCopied", report.bytesCopied())
            .put("firstIndex", report.firstIndex())
            .put("lastIndex", report.lastIndex()));
  }
}
