package dev.walnut.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.BatchInfo;
import dev.walnut.CheckResult;
import dev.walnut.Finding;
import dev.walnut.RecordInfo;
import dev.walnut.SegmentInfo;
import dev.walnut.Wal;
import dev.walnut.WalInspector;
import dev.walnut.WalReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code walnut stat}: what a log consists of, and whether it is whole. */
@Command(
    name = "stat",
    mixinStandardHelpOptions = true,
    description = {
      "Sums up a log: its segments, what is in them, and what is wrong with them.",
      "Takes no lock and writes nothing. Beside a writer, the batch being written shows as torn."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:the log is whole", "1:there is none", "2:wrong usage", "3:it is damaged"})
final class StatCommand implements Callable<Integer> {
  @Mixin private LogArguments log = new LogArguments();

  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  /** One segment's sums. */
  private static final class Sums {
    final SegmentInfo info;
    long batches;
    long marks;
    long entries;
    long tombstones;
    long others;
    long damaged;
    long firstIndex = -1;
    long lastIndex = -1;

    Sums(SegmentInfo info) {
      this.info = info;
    }

    void add(RecordInfo record) {
      if (record.check() != CheckResult.OK) {
        damaged++;
        return;
      }
      switch (record.type()) {
        case ENTRY -> entry(record.index());
        case TOMBSTONE -> tombstones++;
        case MARK -> marks++;
        default -> others++;
      }
    }

    private void entry(long index) {
      entries++;
      firstIndex = firstIndex < 0 ? index : Math.min(firstIndex, index);
      lastIndex = Math.max(lastIndex, index);
    }
  }

  /** Adds up what an inspection shows. */
  private static final class Summing implements WalInspector {
    final List<Sums> segments = new ArrayList<>();
    final List<Finding> findings = new ArrayList<>();
    final Terminal.Progress progress;
    private long bytesBefore;

    Summing(Terminal.Progress progress) {
      this.progress = progress;
    }

    @Override
    public void begin(int count, long fileBytes) {
      progress.begin(fileBytes);
    }

    @Override
    public void segment(SegmentInfo segment) {
      bytesBefore += segments.isEmpty() ? 0 : last().info.fileBytes();
      segments.add(new Sums(segment));
    }

    @Override
    public void batch(BatchInfo batch) {
      last().batches++;
      progress.reached(bytesBefore + batch.offset());
    }

    @Override
    public void record(RecordInfo record) {
      last().add(record);
    }

    @Override
    public void finding(Finding finding) {
      findings.add(finding);
    }

    private Sums last() {
      return segments.get(segments.size() - 1);
    }

    boolean damaged() {
      return findings.stream().anyMatch(Finding::isDamage);
    }
  }

  /** What a reader sees, or why it sees nothing. */
  private record Opened(long firstIndex, long lastIndex, long entries, @Nullable String failure) {}

  @Override
  public Integer call() throws IOException {
    Summing summing = sum();
    if (summing.segments.isEmpty()) {
      throw new NoSuchFileException(
          log.dir.resolve(log.prefix + '*').toString(), null, "there is no log");
    }
    Opened opened = open();
    PrintWriter out = spec.commandLine().getOut();
    if (log.json) {
      Json.print(out, json(summing, opened));
    } else {
      print(out, summing, opened);
    }
    out.flush();
    return summing.damaged() ? ExitCode.DAMAGE : ExitCode.OK;
  }

  private Summing sum() throws IOException {
    try (Terminal.Progress progress = new Terminal.Progress("stat", /* wanted= */ !log.json)) {
      Summing summing = new Summing(progress);
      Wal.inspect(log.dir, log.prefix, summing);
      return summing;
    }
  }

  private Opened open() {
    try (WalReader reader = Wal.openReadOnly(log.dir, log.prefix)) {
      return new Opened(reader.firstIndex(), reader.lastIndex(), reader.size(), null);
    } catch (IOException e) {
      return new Opened(0, 0, 0, String.valueOf(e.getMessage()));
    }
  }

  private void print(PrintWriter out, Summing summing, Opened opened) {
    long fileBytes = summing.segments.stream().mapToLong(sums -> sums.info.fileBytes()).sum();
    long batches = summing.segments.stream().mapToLong(sums -> sums.batches).sum();
    out.println(log.dir.resolve(log.prefix + '*'));
    out.println(
        "  "
            + Text.count(summing.segments.size(), "segment", "segments")
            + ", "
            + Text.bytes(fileBytes)
            + ", "
            + Text.count(batches, "batch", "batches"));
    if (opened.failure() != null) {
      out.println("  cannot be opened: " + opened.failure());
    } else if (opened.entries() == 0) {
      out.println("  empty; the next index is " + (opened.lastIndex() + 1));
    } else {
      out.println(
          "  "
              + Text.count(opened.entries(), "entry", "entries")
              + ", indexes "
              + opened.firstIndex()
              + " to "
              + opened.lastIndex());
    }
    out.println();
    out.printf(
        "  %-24s %12s %8s %9s %10s %6s  %s%n",
        "file", "bytes", "batches", "entries", "tombstones", "other", "indexes, state");
    for (Sums sums : summing.segments) {
      out.printf(
          "  %-24s %12s %8s %9s %10s %6s  %s%n",
          sums.info.file().getFileName(),
          Text.count(sums.info.fileBytes()),
          Text.count(sums.batches),
          Text.count(sums.entries),
          Text.count(sums.tombstones),
          Text.count(sums.others + sums.marks),
          state(sums));
    }
    if (!summing.findings.isEmpty()) {
      out.println();
      summing.findings.forEach(finding -> out.println("  " + Text.finding(finding)));
    }
  }

  private static String state(Sums sums) {
    if (sums.info.header() != CheckResult.OK) {
      return sums.info.header() == CheckResult.ABSENT ? "prepared, unused" : "header damaged";
    }
    String indexes = sums.firstIndex < 0 ? "none" : sums.firstIndex + " to " + sums.lastIndex;
    String footer = sums.info.footer() == CheckResult.OK ? ", footer" : "";
    return indexes + footer + (sums.damaged > 0 ? ", " + sums.damaged + " damaged" : "");
  }

  private ObjectNode json(Summing summing, Opened opened) {
    ObjectNode root = Json.object().put("dir", log.dir.toString()).put("prefix", log.prefix);
    if (opened.failure() == null) {
      root.put("firstIndex", opened.firstIndex())
          .put("lastIndex", opened.lastIndex())
          .put("entries", opened.entries());
    } else {
      root.put("failure", opened.failure());
    }
    root.put("damaged", summing.damaged());
    ArrayNode segments = root.putArray("segments");
    for (Sums sums : summing.segments) {
      ObjectNode segment =
          segments
              .addObject()
              .put("file", sums.info.file().toString())
              .put("number", sums.info.number())
              .put("fileBytes", sums.info.fileBytes())
              .put("header", Json.name(sums.info.header()))
              .put("footer", Json.name(sums.info.footer()))
              .put("firstSequence", sums.info.firstSequence())
              .put("durableThrough", sums.info.durableThrough())
              .put("batches", sums.batches)
              .put("entries", sums.entries)
              .put("tombstones", sums.tombstones)
              .put("marks", sums.marks)
              .put("otherRecords", sums.others)
              .put("damagedRecords", sums.damaged);
      if (sums.firstIndex >= 0) {
        segment.put("firstIndex", sums.firstIndex).put("lastIndex", sums.lastIndex);
      }
    }
    ArrayNode findings = root.putArray("findings");
    summing.findings.forEach(finding -> findings.add(Json.finding(finding)));
    return root;
  }
}
