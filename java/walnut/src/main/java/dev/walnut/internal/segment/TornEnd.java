package dev.walnut.internal.segment;

import dev.walnut.exception.TornLogException;
import java.io.IOException;

/** Refuses a log whose end a crash has torn, where that is not to be healed. Writes nothing. */
final class TornEnd {
  private final Recovered recovered;

  private TornEnd(Recovered recovered) {
    this.recovered = recovered;
  }

  /**
   * Returns if nothing would have to be cut but what every killed process may leave behind.
   *
   * @throws TornLogException if there is more
   */
  static void refuse(Recovered recovered) throws IOException {
    new TornEnd(recovered).refuse();
  }

  private void refuse() throws IOException {
    KeptSegment last = recovered.last();
    FooterContent content = last.content();
    if (content != null) {
      refuseBehind(last, content);
    }
    for (FoundSegment dead : recovered.dead()) {
      if (dead.number() > last.number()) {
        refuseSegment(dead);
      }
    }
  }

  private void refuseBehind(KeptSegment last, FooterContent content) throws IOException {
    FoundSegment found = last.found();
    long end = found.endOfData(last.end());
    if (end > last.end() && !found.holdsPartOf(new FooterRemains(content), end)) {
      throw torn(found, last.end(), end - last.end() + " bytes of no batch that follows");
    }
  }

  /** A file that was to follow; one of zeros was made ahead. */
  private void refuseSegment(FoundSegment dead) throws IOException {
    long end = dead.endOfData(0);
    if (end > 0) {
      throw torn(dead, 0, end + " bytes of a segment that does not follow");
    }
  }

  private TornLogException torn(FoundSegment segment, long offset, String foundThere) {
    String expected = "sequence " + (recovered.last().lastSequence() + 1) + ", or nothing";
    return new TornLogException("open", segment.path(), offset, expected, foundThere);
  }
}
