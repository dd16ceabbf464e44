package dev.walnut.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.BatchInfo;
import dev.walnut.CheckResult;
import dev.walnut.Finding;
import dev.walnut.RecordInfo;
import dev.walnut.SegmentInfo;
import dev.walnut.Wal;
import dev.walnut.WalInspector;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code walnut dump}: every record of a log, where it lies and what it is worth. */
@Command(
    name = "dump",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the segments, batches and records of a log, as they lie in its files.",
      "Takes no lock and writes nothing. With --json, each line is an object whose member \"kind\""
          + " is segment, batch, record or finding."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:the log is whole", "1:there is none", "2:wrong usage", "3:it is damaged"})
final class DumpCommand implements Callable<Integer> {
  @Mixin private LogArguments log = new LogArguments();

  @Option(
      names = "--from",
      paramLabel = "INDEX",
      description = "only entries and tombstones at or above this index")
  private @Nullable Long from;

  @Option(
      names = "--to",
      paramLabel = "INDEX",
      description = "only entries and tombstones at or below this index")
  private @Nullable Long to;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "write there, and show progress on the terminal")
  private @Nullable Path output;

  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (from != null && (from < 0 || (to != null && to < from))) {
      throw new ParameterException(
          spec.commandLine(), "--from must be at least 0 and at most --to, not " + from);
    }
    if (output == null) {
      return dump(spec.commandLine().getOut());
    }
    try (PrintWriter out =
        new PrintWriter(
            new OutputStreamWriter(Files.newOutputStream(output), StandardCharsets.UTF_8))) {
      return dump(out);
    }
  }

  private int dump(PrintWriter out) throws IOException {
    try (Terminal.Progress progress = new Terminal.Progress("dump", output != null)) {
      Printing printing = new Printing(out, progress);
      Wal.inspect(log.dir, log.prefix, printing);
      if (printing.segments == 0) {
        throw new NoSuchFileException(
            log.dir.resolve(log.prefix + '*').toString(), null, "there is no log");
      }
      out.flush();
      if (out.checkError()) {
        throw new IOException("dump: the output was closed");
      }
      return printing.damaged ? ExitCode.DAMAGE : ExitCode.OK;
    }
  }

  private boolean isWanted(RecordInfo record) {
    if (from == null && to == null) {
      return true;
    }
    boolean indexed =
        record.check() == CheckResult.OK
            && (record.type() == RecordInfo.Type.ENTRY
                || record.type() == RecordInfo.Type.TOMBSTONE);
    return indexed
        && (from == null || record.index() >= from)
        && (to == null || record.index() <= to);
  }

  /** Prints what is wanted, each record under its batch, each batch under its segment. */
  private final class Printing implements WalInspector {
    private final PrintWriter out;
    private final Terminal.Progress progress;
    private final boolean all = from == null && to == null;
    private int segments;
    private boolean damaged;
    private long bytesBefore;
    private @Nullable SegmentInfo segment;
    private @Nullable SegmentInfo pendingSegment;
    private @Nullable BatchInfo pendingBatch;

    Printing(PrintWriter out, Terminal.Progress progress) {
      this.out = out;
      this.progress = progress;
    }

    @Override
    public void begin(int count, long fileBytes) {
      segments = count;
      progress.begin(fileBytes);
    }

    @Override
    public void segment(SegmentInfo next) {
      bytesBefore += segment == null ? 0 : segment.fileBytes();
      segment = next;
      pendingSegment = next;
      pendingBatch = null;
      if (all) {
        printPending();
      }
    }

    @Override
    public void batch(BatchInfo batch) {
      progress.reached(bytesBefore + batch.offset());
      pendingBatch = batch;
      if (all) {
        printPending();
      }
    }

    @Override
    public void record(RecordInfo record) {
      if (isWanted(record)) {
        printPending();
        print(record);
      }
    }

    @Override
    public void finding(Finding finding) {
      damaged |= finding.isDamage();
      if (log.json) {
        printLine(Json.finding(finding).put("kind", "finding"));
      } else {
        out.println(Text.finding(finding));
      }
    }

    private void printPending() {
      if (pendingSegment != null) {
        print(pendingSegment);
        pendingSegment = null;
      }
      if (pendingBatch != null) {
        print(pendingBatch);
        pendingBatch = null;
      }
    }

    private void print(SegmentInfo info) {
      if (log.json) {
        printLine(
            Json.object()
                .put("kind", "segment")
                .put("file", info.file().toString())
                .put("number", info.number())
                .put("fileBytes", info.fileBytes())
                .put("header", Json.name(info.header()))
                .put("commit", info.commit())
                .put("createdMillis", info.createdMillis())
                .put("firstSequence", info.firstSequence())
                .put("oldestKept", info.oldestKept())
                .put("durableThrough", info.durableThrough())
                .put("footer", Json.name(info.footer())));
        return;
      }
      out.println(
          info.file().getFileName()
              + "  "
              + Text.count(info.fileBytes())
              + " bytes, header "
              + Json.name(info.header())
              + (info.header() == CheckResult.OK
                  ? ", from sequence "
                      + info.firstSequence()
                      + ", durable through "
                      + info.durableThrough()
                  : "")
              + ", footer "
              + Json.name(info.footer()));
    }

    private void print(BatchInfo batch) {
      if (log.json) {
        printLine(
            Json.object()
                .put("kind", "batch")
                .put("offset", batch.offset())
                .put("bytes", batch.bytes())
                .put("mark", batch.mark())
                .put("firstSequence", batch.firstSequence())
                .put("records", batch.records())
                .put("durableThrough", batch.durableThrough())
                .put("chained", batch.chained())
                .put("body", Json.name(batch.body())));
        return;
      }
      out.println(
          "  @"
              + batch.offset()
              + "  "
              + (batch.mark() ? "mark" : "batch of " + batch.records())
              + ", "
              + Text.count(batch.bytes())
              + " bytes, durable through "
              + batch.durableThrough()
              + (batch.chained() ? "" : ", NOT CHAINED")
              + worth(batch.body()));
    }

    private void print(RecordInfo record) {
      if (log.json) {
        printLine(json(record));
        return;
      }
      String head =
          "    @" + record.offset() + "  " + record.sequence() + "  " + Json.name(record.type());
      boolean entry = record.type() == RecordInfo.Type.ENTRY;
      String what =
          switch (record.type()) {
            case ENTRY ->
                " "
                    + record.index()
                    + "  \""
                    + record.key()
                    + "\"  "
                    + Text.count(record.valueBytes(), "byte", "bytes")
                    + "  "
                    + Text.preview(record.valueStart(), record.valueBytes());
            case MARK, OTHER -> "";
            default -> " " + record.index();
          };
      out.println(
          head
              + (entry && record.check() != CheckResult.OK ? "" : what)
              + (record.joined() ? "  (joined)" : "")
              + worth(record.check()));
    }

    private ObjectNode json(RecordInfo record) {
      ObjectNode json =
          Json.object()
              .put("kind", "record")
              .put("offset", record.offset())
              .put("bytes", record.bytes())
              .put("sequence", record.sequence())
              .put("type", Json.name(record.type()))
              .put("joined", record.joined())
              .put("check", Json.name(record.check()));
      if (record.check() != CheckResult.OK || record.type() == RecordInfo.Type.MARK) {
        return json;
      }
      json.put("index", record.index());
      if (record.type() == RecordInfo.Type.ENTRY) {
        byte[] start = new byte[record.valueStart().remaining()];
        record.valueStart().duplicate().get(start);
        json.put("key", record.key())
            .put("valueBytes", record.valueBytes())
            .put("valueStart", HexFormat.of().formatHex(start));
      }
      return json;
    }

    private String worth(CheckResult result) {
      return result == CheckResult.OK ? "" : ", " + Json.name(result).toUpperCase(Locale.ROOT);
    }

    private void printLine(ObjectNode json) {
      try {
        Json.printLine(out, json);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
