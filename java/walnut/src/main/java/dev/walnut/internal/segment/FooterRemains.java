package dev.walnut.internal.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells the remains of a segment's footer from those of a batch: a process that is killed while it
 * writes the footer, or overwrites it with zeros, leaves part of it.
 */
final class FooterRemains {
  private final int from;
  private final byte[] footer;
  private final int summaryAt;

  /**
   * @param content what the footer says
   */
  FooterRemains(FooterContent content) {
    FooterSummary summary = content.summary(/* durableThrough= */ 0);
    from = content.validBytes();
    summaryAt = (int) summary.summaryAt() - from;
    footer = new byte[summaryAt + Format.SUMMARY_BYTES];
    ByteBuffer target = ByteBuffer.wrap(footer).order(ByteOrder.LITTLE_ENDIAN);
    FooterWriter.layParts(target, content, summary);
  }

  /** Whether nothing lies in {@code [end of the last batch, end)} but part of it, and zeros. */
  boolean explain(FileWindow window, long end) throws IOException {
    if (end - from > footer.length) {
      return false;
    }
    byte[] there = new byte[(int) (end - from)];
    window.copy(from, there);
    for (int i = 0; i < there.length; i++) {
      if (there[i] != 0 && there[i] != footer[i] && !isUnknown(i - summaryAt)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a byte of the summary is a checksum's, or depends on what was durable. */
  private static boolean isUnknown(int at) {
    return isIn(at, FooterSummary.TABLE_CRC_AT, Integer.BYTES)
        || isIn(at, FooterSummary.TOMBSTONES_CRC_AT, Integer.BYTES)
        || isIn(at, FooterSummary.DURABLE_THROUGH_AT, Long.BYTES)
        || isIn(at, Format.SUMMARY_CRC_AT, Integer.BYTES);
  }

  private static boolean isIn(int at, int start, int bytes) {
    return start <= at && at < start + bytes;
  }
}
