package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.KillStates.State;
import dev.walnut.exception.WalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a script's backup has left when the log was killed: all of it, or nothing that opens. */
final class KillCopyCheck {
  private KillCopyCheck() {}

  /** Where a script puts its backup. */
  static Path besides(Path log) {
    return log.resolveSibling("copy");
  }

  /**
   * Looks at the copy.
   *
   * @param whole what it holds when it is whole
   * @param finished whether the backup had returned
   */
  static void assertWholeOrRefused(Path copy, State whole, boolean finished) throws IOException {
    if (!finished && !hasSegments(copy)) {
      return;
    }
    try (WalReader reader = Wal.openReadOnly(copy, KillRun.PREFIX)) {
      assertThat(State.of(reader)).as("the copy").isEqualTo(whole);
    } catch (WalException e) {
      assertThat(finished).as("the copy is refused: %s", e.getMessage()).isFalse();
      assertThat(e).hasMessageContaining("a backup into this directory was not finished");
      return;
    }
    assertThat(Wal.verify(copy, KillRun.PREFIX).isIntact()).as("the copy is intact").isTrue();
  }

  private static boolean hasSegments(Path copy) throws IOException {
    if (!Files.isDirectory(copy)) {
      return false;
    }
    try (Stream<Path> files = Files.list(copy)) {
      return files.anyMatch(f -> f.getFileName().toString().matches("segment_[0-9]+"));
    }
  }
}
