package dev.walnut.cli;

import dev.walnut.Wal;
import dev.walnut.WalStats;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Tells the parent of every acknowledgement, in order, through standard output. What piles up while
 * one report is on its way goes into the next, so that reporting does not slow the writing.
 *
 * <p>Lines: {@code open BACKEND LAST}, {@code a INDEX} for an acknowledgement, {@code n INDEX} for
 * the first that finds a new segment begun, {@code s} with figures, {@code end} after a clean
 * close.
 */
final class AckReporter {
  private final Wal wal;
  private final PrintStream out;
  private final Thread thread = new Thread(this::run, "demo-reporter");
  private final long startNanos = System.nanoTime();

  // Guarded by this.
  private StringBuilder pending = new StringBuilder();
  private long acknowledged;
  private long rotations;
  private boolean ended;

  AckReporter(Wal wal, PrintStream out) {
    this.wal = wal;
    this.out = out;
    thread.setDaemon(true);
  }

  void start() {
    WalStats stats = wal.stats();
    rotations = stats.rotations();
    pending
        .append("open ")
        .append(stats.backend())
        .append(' ')
        .append(wal.lastIndex())
        .append('\n');
    thread.start();
  }

  /** Called by the log's completion thread. */
  void acknowledged(long index) {
    long begun = wal.stats().rotations();
    synchronized (this) {
      pending.append(begun > rotations ? "n " : "a ").append(index).append('\n');
      rotations = begun;
      acknowledged++;
      notifyAll();
    }
  }

  /** Reports the rest and the clean end. */
  void end() throws InterruptedException {
    synchronized (this) {
      ended = true;
      notifyAll();
    }
    thread.join();
  }

  private void run() {
    boolean last = false;
    try {
      while (!last && !out.checkError()) {
        StringBuilder report = new StringBuilder();
        last = awaitReport(report);
        report.append(last ? "end\n" : "");
        byte[] bytes = report.toString().getBytes(StandardCharsets.US_ASCII);
        out.write(bytes, 0, bytes.length);
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody interrupts it; the process is ending
    }
    if (!last) {
      System.exit(ExitCode.FAILED); // the parent is gone
    }
  }

  /** Takes what is pending, and figures that were read after it; true if nothing will follow. */
  private boolean awaitReport(StringBuilder report) throws InterruptedException {
    long acknowledgedBefore;
    boolean last;
    synchronized (this) {
      while (pending.length() == 0 && !ended) {
        wait();
      }
      report.append(pending);
      pending = new StringBuilder();
      acknowledgedBefore = acknowledged;
      last = ended;
    }
    // Read after the acknowledgements, so that the syncs counted cover every one of them.
    WalStats stats = wal.stats();
    report
        .append("s ")
        .append(acknowledgedBefore)
        .append(' ')
        .append(stats.syncs())
        .append(' ')
        .append(stats.batches())
        .append(' ')
        .append(stats.entries())
        .append(' ')
        .append(stats.entriesPerBatchMax())
        .append(' ')
        .append(System.nanoTime() - startNanos)
        .append('\n');
    return last;
  }
}
