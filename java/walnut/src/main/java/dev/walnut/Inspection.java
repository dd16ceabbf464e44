package dev.walnut;

import dev.walnut.internal.segment.InspectionListener;
import dev.walnut.internal.segment.SegmentInspector;
import dev.walnut.internal.segment.StoreEnvironments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** Shows a log's files to a {@link WalInspector}. */
final class Inspection {
  private static final RecordInfo.Type[] TYPES = RecordInfo.Type.values();

  private Inspection() {}

  /** Runs one; the Java body of the disk reads whatever any body has written. */
  static void run(Path dir, String prefix, WalInspector inspector) throws IOException {
    Objects.requireNonNull(inspector, "inspector");
    SegmentInspector.inspect(StoreEnvironments.javaOnly(), dir, prefix, new Teller(inspector));
  }

  /** Tells in this package's words. */
  private record Teller(WalInspector inspector) implements InspectionListener {

    @Override
    public void begin(int segments, long fileBytes) {
      inspector.begin(segments, fileBytes);
    }

    @Override
    public void segment(SegmentFacts segment) {
      inspector.segment(
          new SegmentInfo(
              segment.file(),
              segment.number(),
              segment.fileBytes(),
              result(segment.header()),
              segment.commit(),
              segment.createdMillis(),
              segment.firstSequence(),
              segment.oldestKept(),
              segment.durableThrough(),
              result(segment.footer()),
              segment.footerEntries(),
              segment.footerFirstIndex(),
              segment.footerLastIndex()));
    }

    @Override
    public void batch(BatchFacts batch) {
      inspector.batch(
          new BatchInfo(
              batch.file(),
              batch.offset(),
              batch.bytes(),
              batch.mark(),
              batch.firstSequence(),
              batch.records(),
              batch.durableThrough(),
              batch.chained(),
              result(batch.check())));
    }

    @Override
    public void record(RecordFacts record) {
      inspector.record(
          new RecordInfo(
              record.file(),
              record.offset(),
              record.bytes(),
              record.sequence(),
              type(record.type()),
              record.joined(),
              record.index(),
              record.key(),
              record.keyBytes(),
              record.valueBytes(),
              record.valueStart(),
              result(record.check())));
    }

    @Override
    public void finding(FindingFacts finding) {
      inspector.finding(
          new Finding(
              finding.file(),
              finding.offset(),
              finding.sequence(),
              finding.expected(),
              finding.found(),
              verdict(finding.verdict())));
    }
  }

  /** The format counts types from 1, in the order of {@link RecordInfo.Type}. */
  private static RecordInfo.Type type(int type) {
    return 0 < type && type < TYPES.length ? TYPES[type - 1] : RecordInfo.Type.OTHER;
  }

  private static CheckResult result(InspectionListener.Check check) {
    return switch (check) {
      case OK -> CheckResult.OK;
      case DAMAGED -> CheckResult.DAMAGED;
      case UNKNOWN -> CheckResult.UNKNOWN;
      case ABSENT -> CheckResult.ABSENT;
    };
  }

  private static Finding.Verdict verdict(InspectionListener.Verdict verdict) {
    return switch (verdict) {
      case TORN -> Finding.Verdict.TORN;
      case CORRUPT -> Finding.Verdict.CORRUPT;
      case DEAD -> Finding.Verdict.DEAD;
      case UNSUPPORTED -> Finding.Verdict.UNSUPPORTED;
    };
  }
}
