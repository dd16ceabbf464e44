package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.exception.NoSpaceException;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Truncations on a disk that fails, on either body. */
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalTruncationFaultsTest extends WalFaultsFixture {

  private void assertReopensWithLast(long one, long other) throws IOException {
    try (Wal wal = Wal.open(database().backend(Backend.JAVA).openCheck(OpenCheck.FULL).build())) {
      assertThat(wal.lastIndex()).isIn(one, other);
      assertThat(wal.size()).isEqualTo(wal.lastIndex());
    }
  }

  @Test
  void fault10_truncation_whoseDurableWriteFails_failsTheLog_andIsThereOrNot() throws IOException {
    for (SyncMode mode : SyncMode.values()) {
      Wal wal = open(database().syncMode(mode));
      appendUpTo(wal, 10);
      wal.sync();
      wal.append(new byte[] {11});
      failNext(Call.WRITE);

      assertFailed(() -> wal.truncateAfter(9), Outcome.UNKNOWN);
      assertFailed(() -> wal.truncateBefore(9), Outcome.NOT_WRITTEN);
      assertFailed(() -> wal.reset(9), Outcome.NOT_WRITTEN);

      assertThat(wal.size()).isEqualTo(11);
      assertThat(wal.get(10)).isPresent();
      assertThat(wal.hold(4).fromIndex()).isEqualTo(4);
      assertThatThrownBy(wal::close).isInstanceOf(IOException.class);
      assertReopensWithLast(11, 9);
      disk.heal();
      try (Wal again = open(database())) {
        again.reset(1);
      }
    }
  }

  @Test
  void fault12_truncation_withoutSpace_isRefused_andTheLogGoesOn() throws IOException {
    WalConfig.Builder config = database().syncMode(SyncMode.NONE).segmentThreshold(5);
    try (Wal wal = open(config)) {
      appendUpTo(wal, 5);
      disk.failFrom(Call.RESERVE, disk.count(Call.RESERVE) + 1, FaultyDisk.diskFull("reserve"));
      assertThatThrownBy(() -> wal.append(new byte[] {6})) // starts a segment
          .isInstanceOf(NoSpaceException.class);

      assertThatThrownBy(() -> wal.truncateAfter(3))
          .isInstanceOf(NoSpaceException.class)
          .hasMessageContaining("truncate after index 3: not written");
      assertThatThrownBy(() -> wal.truncateBefore(3)).isInstanceOf(NoSpaceException.class);

      assertThat(wal.size()).isEqualTo(5);
      try (WalHold hold = wal.hold(2)) {
        assertThat(hold.fromIndex()).isEqualTo(2);
      }
      disk.heal();
      wal.truncateAfter(3);
      assertThat(wal.lastIndex()).isEqualTo(3);
    }
    assertReopensWithLast(3, 3);
  }
}
