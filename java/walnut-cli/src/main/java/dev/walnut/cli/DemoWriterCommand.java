package dev.walnut.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.walnut.Backend;
import dev.walnut.Wal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The child of {@code walnut demo}: goes on writing the text where the log ends, until the text
 * ends or somebody kills it.
 *
 * <p>Before that it writes a log that nobody looks at, and removes it. A Java program that has just
 * started spends nearly all its time elsewhere than in a write call, so hardly a kill would meet
 * one and leave a torn batch.
 */
@Command(name = "demo-writer", hidden = true, description = "The writer that walnut demo kills.")
final class DemoWriterCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR")
  private Path dir = Path.of("");

  @Parameters(index = "1", paramLabel = "FILE")
  private Path file = Path.of("");

  @Option(names = "--numbered")
  private boolean numbered;

  @Option(names = "--lines", required = true)
  private int lines;

  @Option(names = "--in-flight", required = true)
  private int inFlight;

  @Option(names = "--backend", required = true)
  private Backend backend = Backend.AUTO;

  private volatile @Nullable Throwable failure;

  @Override
  public Integer call() throws IOException, InterruptedException {
    DemoText text = DemoText.read(file, numbered, lines);
    warmUp(text);
    write(dir, text, text.lines(), System.out);
    return ExitCode.OK;
  }

  private void warmUp(DemoText text) throws IOException, InterruptedException {
    Path scratch = Files.createTempDirectory(dir.toAbsolutePath().getParent(), "warm-up");
    PrintStream nobody = new PrintStream(OutputStream.nullOutputStream(), false, US_ASCII);
    write(scratch, text, Math.min(DemoSettings.WARM_UP_LINES, text.lines()), nobody);
    DemoCommand.delete(scratch);
  }

  private void write(Path log, DemoText text, long lastLine, PrintStream out)
      throws IOException, InterruptedException {
    Wal wal = Wal.open(DemoSettings.of(log, backend));
    AckReporter reporter = new AckReporter(wal, out);
    reporter.start();
    writeAll(wal, text, lastLine, reporter);
    wal.close();
    reporter.end();
  }

  private void writeAll(Wal wal, DemoText text, long lastLine, AckReporter reporter)
      throws IOException, InterruptedException {
    Semaphore room = new Semaphore(inFlight);
    for (long number = wal.lastIndex() + 1; number <= lastLine && failure == null; number++) {
      room.acquire();
      var unused =
          wal.appendAsync(text.line(number))
              .whenComplete(
                  (index, thrown) -> {
                    if (thrown == null) {
                      reporter.acknowledged(index);
                    } else {
                      failure = thrown;
                    }
                    room.release();
                  });
    }
    room.acquire(inFlight);
    if (failure != null) {
      throw new IOException("a write failed: " + failure.getMessage(), failure);
    }
  }
}
