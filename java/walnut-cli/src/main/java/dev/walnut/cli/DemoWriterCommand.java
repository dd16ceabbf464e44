package dev.walnut.cli;

import dev.walnut.Backend;
import dev.walnut.Wal;
import java.io.IOException;
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
    Wal wal = Wal.open(DemoSettings.of(dir, backend));
    AckReporter reporter = new AckReporter(wal, System.out);
    reporter.start();
    writeAll(wal, text, reporter);
    wal.close();
    reporter.end();
    return ExitCode.OK;
  }

  private void writeAll(Wal wal, DemoText text, AckReporter reporter)
      throws IOException, InterruptedException {
    Semaphore room = new Semaphore(inFlight);
    for (long number = wal.lastIndex() + 1; number <= text.lines() && failure == null; number++) {
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
