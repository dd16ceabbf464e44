package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.internal.platform.DiskDirectory;
import dev.walnut.internal.platform.FaultyDisk;
import dev.walnut.internal.platform.FaultyDisk.Call;
import dev.walnut.internal.platform.OpenHandles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The file made ahead: what becomes of it when making it fails. */
class PreparationTest {
  @TempDir Path dir;

  static Stream<Arguments> failures() {
    return Stream.of(Body.values())
        .flatMap(
            body ->
                Stream.of(Call.WRITE, Call.SYNC, Call.SYNC_DIRECTORY)
                    .map(call -> Arguments.of(body, call)));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void fault11_fileMadeAheadThatFails_isGivenToNobody_andNotLeftOpen(Body body, Call call)
      throws IOException {
    OpenHandles handles = new OpenHandles(body.disk());
    FaultyDisk disk = new FaultyDisk(handles.disk());
    try (DiskDirectory directory = disk.openDirectory(dir)) {
      SegmentFiles files = new SegmentFiles(disk, directory, new SegmentNames("segment_"), 8);
      Preparation preparation = new Preparation(files, 1, disk.allocate(4096), 8192);
      disk.fail(call, 1, FaultyDisk.ioError(call.toString()));

      assertThatThrownBy(preparation::run).hasMessageContaining(call + ": Input/output error");

      assertThat(preparation.take()).isNull();
      assertThat(handles.open()).as("open but the directory").hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("failures")
  void fault12_fileMadeAheadWithoutRoom_isGoneAgain_unlessItsSyncFails(Body body, Call call)
      throws IOException {
    OpenHandles handles = new OpenHandles(body.disk());
    FaultyDisk disk = new FaultyDisk(handles.disk());
    try (DiskDirectory directory = disk.openDirectory(dir)) {
      SegmentFiles files = new SegmentFiles(disk, directory, new SegmentNames("segment_"), 8);
      Preparation preparation = new Preparation(files, 1, disk.allocate(4096), 8192);
      disk.fail(call, 1, FaultyDisk.diskFull(call.toString()));

      if (call == Call.WRITE) {
        preparation.run();
        assertThat(dir.resolve("segment_1")).doesNotExist();
      } else {
        assertThatThrownBy(preparation::run).hasMessageContaining("No space left on device");
      }

      assertThat(preparation.take()).isNull();
      assertThat(handles.open()).as("open but the directory").hasSize(1);
    }
  }
}
