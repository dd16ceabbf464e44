package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.Disks;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PreparationTest {
  private static final int ZERO_BYTES = 4096;

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(names = {"WRITE", "SYNC", "SYNC_DIRECTORY"})
  void fault11_fileMadeAhead_isClosedWhenItCannotBeMade(Call call) throws IOException {
    FaultyDisk disk = new FaultyDisk(Disks.java());
    try (DiskDirectory directory = disk.openDirectory(dir)) {
      SegmentFiles files = new SegmentFiles(disk, directory, new SegmentNames("segment_"), 4);
      Preparation preparation = new Preparation(files, 1, disk.allocate(ZERO_BYTES), ZERO_BYTES);
      disk.fail(call, 1, FaultyDisk.ioError("make a file ahead"));

      assertThatThrownBy(preparation::run).isInstanceOf(IOException.class);

      assertThat(preparation.take()).isNull();
      assertThat(disk.count(Call.CREATE)).isEqualTo(1);
      assertThat(disk.count(Call.CLOSE)).isEqualTo(1);
    }
  }
}
