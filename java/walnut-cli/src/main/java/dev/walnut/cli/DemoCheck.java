package dev.walnut.cli;

import dev.walnut.Backend;
import dev.walnut.CheckResult;
import dev.walnut.Finding;
import dev.walnut.RecordInfo;
import dev.walnut.RecoveryReport;
import dev.walnut.Wal;
import dev.walnut.WalCursor;
import dev.walnut.WalEntry;
import dev.walnut.WalInspector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Compares what a killed writer left with what it had said. */
final class DemoCheck {
  private static final String PREFIX = "segment_";

  /**
   * What was found.
   *
   * @param backend the back end that recovered and read
   * @param lastLine the last line in the log
   * @param recoveryNanos how long opening took
   * @param cutBytes what opening cut off
   * @param segmentsScanned segments it had to read batch by batch
   * @param inRotation whether the last acknowledged line and the first that was not lie in
   *     different segments
   */
  record Result(
      String backend,
      long lastLine,
      long recoveryNanos,
      long cutBytes,
      int segmentsScanned,
      boolean inRotation) {}

  private DemoCheck() {}

  /** Opens the log with a back end and reads all of it. */
  static Result run(Path log, DemoText text, long lastAcknowledged, Backend backend)
      throws IOException, DemoFailure {
    boolean inRotation = Boundary.look(log, lastAcknowledged);
    long start = System.nanoTime();
    try (Wal wal = Wal.open(DemoSettings.of(log, backend))) {
      long recoveryNanos = System.nanoTime() - start;
      if (wal.lastIndex() < lastAcknowledged) {
        throw new DemoFailure(
            "line " + lastAcknowledged + " was durable, and the log ends at " + wal.lastIndex());
      }
      compare(wal, text);
      RecoveryReport report = wal.recoveryReport();
      String ran = wal.stats().backend();
      if (!ran.equals(backend.name().toLowerCase(Locale.ROOT))) {
        throw new DemoFailure("the log was checked by " + ran + " in place of " + backend);
      }
      return new Result(
          ran,
          wal.lastIndex(),
          recoveryNanos,
          report.cutBytes(),
          report.segmentsScanned(),
          inRotation);
    }
  }

  /** Every line up to the last is there, in order, byte for byte, and nothing else. */
  private static void compare(Wal wal, DemoText text) throws IOException, DemoFailure {
    long expected = 1;
    try (WalCursor cursor = wal.cursor(0)) {
      for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        if (entry.index() != expected) {
          throw new DemoFailure("line " + expected + " is missing: " + entry.index() + " follows");
        }
        if (expected > text.lines()) {
          throw new DemoFailure("line " + expected + " was never written");
        }
        boolean same =
            entry.key().isEmpty()
                && !entry.isTombstone()
                && entry.valueBuffer().equals(ByteBuffer.wrap(text.line(expected)));
        if (!same) {
          throw new DemoFailure("line " + expected + " is not what was written: " + entry);
        }
        expected++;
      }
    }
    if (expected != wal.lastIndex() + 1 || wal.size() != wal.lastIndex()) {
      throw new DemoFailure(
          "the log says that it holds "
              + wal.size()
              + " lines up to "
              + wal.lastIndex()
              + ", and shows "
              + (expected - 1));
    }
  }

  /** Looks at the files as the killed process left them. */
  private static final class Boundary implements WalInspector {
    private final long lastAcknowledged;
    private @Nullable Path acknowledgedFile;
    private @Nullable Path nextFile;
    private @Nullable Finding damage;

    private Boundary(long lastAcknowledged) {
      this.lastAcknowledged = lastAcknowledged;
    }

    static boolean look(Path log, long lastAcknowledged) throws IOException, DemoFailure {
      Boundary boundary = new Boundary(lastAcknowledged);
      Wal.inspect(log, PREFIX, boundary);
      if (boundary.damage != null) {
        throw new DemoFailure("a kill has damaged the log: " + Text.finding(boundary.damage));
      }
      return boundary.nextFile != null
          && boundary.acknowledgedFile != null
          && !boundary.nextFile.equals(boundary.acknowledgedFile);
    }

    @Override
    public void record(RecordInfo record) {
      if (record.check() == CheckResult.OK && record.type() == RecordInfo.Type.ENTRY) {
        if (record.index() == lastAcknowledged) {
          acknowledgedFile = record.file();
        } else if (record.index() == lastAcknowledged + 1) {
          nextFile = record.file();
        }
      }
    }

    @Override
    public void finding(Finding finding) {
      if (finding.isDamage()) {
        damage = finding;
      } else if (finding.verdict() == Finding.Verdict.TORN && nextFile == null) {
        nextFile = finding.file(); // the first line not acknowledged was being written here
      }
    }
  }
}
