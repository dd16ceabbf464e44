package dev.walnut.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walnut.ReadUpTo;
import dev.walnut.Wal;
import dev.walnut.WalCursor;
import dev.walnut.WalEntry;
import dev.walnut.WalInspector;
import dev.walnut.WalReader;
import dev.walnut.exception.CompactedException;
import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.TruncatedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code walnut tail}: a log's newest entries, and those to come. */
@Command(
    name = "tail",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the newest entries of a log, in index order; with --follow also those written from now"
          + " on, by whichever process.",
      "Takes no lock and writes nothing. With --json, each line is an object. Ends quietly when its"
          + " output is closed."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:shown",
      "1:there is no log, or it cannot be read",
      "2:wrong usage",
      "3:it is damaged",
      "130:ended by Ctrl-C"
    })
final class TailCommand implements Callable<Integer> {
  /** How much of a value a line shows. */
  private static final int PREVIEW_BYTES = 60;

  private static final int NEWEST = 10;
  private static final int LINES_UNCHECKED = 128;

  /** How often a closed output is noticed while nothing comes. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  @Mixin private LogArguments log = new LogArguments();

  @Option(
      names = {"-f", "--follow"},
      description = "wait for more at the end, until interrupted")
  private boolean follow;

  @Option(
      names = "--from",
      paramLabel = "INDEX",
      description = "start at this index, not with the ten newest entries")
  private @Nullable Long from;

  @Option(names = "--durable", description = "only what a crash can no longer take back")
  private boolean durable;

  @SuppressWarnings("NullAway.Init") // picocli injects it
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (from != null && from < 0) {
      throw new ParameterException(spec.commandLine(), "--from must be at least 0, not " + from);
    }
    try (WalReader reader = Wal.openReadOnly(log.dir, log.prefix)) {
      requireLog(reader);
      show(reader);
      return ExitCode.OK;
    } catch (CorruptLogException e) {
      warn(e);
      return ExitCode.DAMAGE;
    }
  }

  /** One that is followed may still come; of an empty one, all is shown. */
  private void requireLog(WalReader reader) throws IOException {
    if (follow || !reader.isEmpty()) {
      return;
    }
    int[] segments = new int[1];
    Wal.inspect(
        log.dir,
        log.prefix,
        new WalInspector() {
          @Override
          public void begin(int count, long fileBytes) {
            segments[0] = count;
          }
        });
    if (segments[0] == 0) {
      throw new NoSuchFileException(
          log.dir.resolve(log.prefix + '*').toString(), null, "there is no log");
    }
  }

  private void show(WalReader reader) throws IOException {
    long next = from != null ? from : Math.max(0, reader.lastIndex() - NEWEST + 1);
    WalCursor cursor = cursor(reader, next);
    PrintWriter out = spec.commandLine().getOut();
    while (true) {
      try {
        if (!cursor.await(Duration.ZERO)) {
          if (isClosed(out) || !follow) {
            return;
          }
          cursor.await(PATIENCE);
        }
        WalEntry entry = cursor.next();
        if (entry != null) {
          print(out, entry);
          next = entry.index() + 1;
          if (next % LINES_UNCHECKED == 0 && isClosed(out)) {
            return; // a busy log may never come to its end
          }
        }
      } catch (CompactedException e) {
        warn(e);
        cursor = cursor(reader, next);
      } catch (TruncatedException e) {
        warn(e);
        next = e.lastKept() + 1;
        cursor = cursor(reader, next);
      }
    }
  }

  /** Flushes, and says whether anybody is left to read it. */
  private static boolean isClosed(PrintWriter out) {
    return out.checkError() || System.out.checkError(); // the first keeps errors to itself
  }

  private WalCursor cursor(WalReader reader, long next) {
    return reader.cursor(next, durable ? ReadUpTo.DURABLE : ReadUpTo.VISIBLE);
  }

  private void warn(IOException e) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("walnut tail: " + e.getMessage());
    err.flush();
  }

  private void print(PrintWriter out, WalEntry entry) throws IOException {
    if (log.json) {
      Json.printLine(out, json(entry));
      return;
    }
    byte[] value = entry.value();
    ByteBuffer start = ByteBuffer.wrap(value, 0, Math.min(value.length, PREVIEW_BYTES)).slice();
    String what =
        entry.isTombstone()
            ? "tombstone"
            : Text.count(value.length, "byte", "bytes") + "  " + Text.preview(start, value.length);
    out.println(entry.index() + "  \"" + entry.key() + "\"  " + what);
  }

  private static ObjectNode json(WalEntry entry) {
    return Json.object()
        .put("index", entry.index())
        .put("key", entry.key())
        .put("tombstone", entry.isTombstone())
        .put("value", HexFormat.of().formatHex(entry.value()));
  }
}
