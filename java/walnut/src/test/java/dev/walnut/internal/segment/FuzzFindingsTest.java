package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.WalException;
import dev.walnut.internal.platform.Disks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fuzzing found, each made by hand. */
class FuzzFindingsTest {
  @TempDir Path base;

  /** A torn end, and behind it bytes under the highest number there is. */
  @Test
  void open_highestNumberTaken_refusesAndChangesNothing() throws IOException {
    SegmentLayout layout = new SegmentLayout();
    layout.batch(0, 1, 2);
    layout.writeIn(base);
    byte[] noSegment = {1, 2, 3};
    Files.write(base.resolve("segment_" + SegmentNames.NUMBER_MAX), noSegment);
    var before = LogFiles.digest(base);

    assertThatThrownBy(() -> SmallLog.open(Disks.java(), base))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("no higher number is left");

    assertThat(LogFiles.digest(base)).isEqualTo(before);
  }
}
