package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.WalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What becomes of an open log whose directory goes away: no rotation elsewhere, nothing hurt. */
@Timeout(60)
abstract class WalDirectoryContract extends LogContract {
  private static final int SEALED = 25;

  private WalConfig.Builder config(SyncMode mode) {
    return unique().syncMode(mode);
  }

  private Wal filled(SyncMode mode) throws IOException {
    Wal wal = open(config(mode));
    for (int i = 1; i <= SEALED; i++) {
      wal.append("k", bytes("v" + i));
    }
    assertReadable(wal, SEALED);
    return wal;
  }

  private static void assertReadable(WalReader wal, long last) throws IOException {
    assertThat(wal.lastIndex()).isEqualTo(last);
    assertThat(wal.stream().map(LogContract::text).toList())
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, (int) last).mapToObj(i -> "v" + i).toList());
    assertThat(wal.get(last).orElseThrow().value()).isEqualTo(bytes("v" + last));
  }

  /** Writes until a rotation is refused; a file made ahead may carry the log over one before. */
  private static long appendUntilRefused(Wal wal) throws IOException {
    long last = wal.lastIndex();
    try {
      while (true) {
        last = wal.append("k", bytes("v" + (last + 1)));
        assertThat(last).as("a rotation was due").isLessThanOrEqualTo(SEALED + 20);
        Await.until(() -> wal.stats().choresPending() == 0);
      }
    } catch (WalException e) {
      assertThat(e).isExactlyInstanceOf(WalException.class);
      assertThat(e).hasMessageContaining("no longer stands for the directory opened");
      return last;
    }
  }

  /** The refusal is told to everybody alike, is none of the log's failures, and is repeated. */
  private static void assertRefusesRotation(Wal wal, long last) throws IOException {
    List<CompletableFuture<Long>> futures =
        IntStream.range(0, 5).mapToObj(i -> wal.appendAsync(bytes("refused"))).toList();
    for (CompletableFuture<Long> future : futures) {
      assertThat(Await.failure(future)).isExactlyInstanceOf(WalException.class);
    }
    assertThatThrownBy(() -> wal.append(new WriteBatch().add(bytes("refused"))))
        .isExactlyInstanceOf(WalException.class);
    assertThat(wal.stats().failure()).isEmpty();
    assertThat(wal.stats().queuedRequests()).isZero();
    assertThat(wal.lastIndex()).isEqualTo(last);
    wal.sync();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "EVERY_WRITE")
  void fault55_directoryRenamed_rotationFailsCleanly(SyncMode mode) throws IOException {
    Path moved = base.resolve("moved");
    long last;
    try (Wal wal = filled(mode)) {
      Files.move(dir(), moved);

      last = appendUntilRefused(wal);

      assertRefusesRotation(wal, last);
      assertThat(dir()).doesNotExist();
      Files.move(moved, dir());
      for (int i = 0; i < 20; i++) {
        last = wal.append("k", bytes("v" + (last + 1)));
      }
      assertReadable(wal, last);
    }
    try (Wal wal = open(config(mode).openCheck(OpenCheck.FULL))) {
      assertReadable(wal, last);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "EVERY_WRITE")
  void fault55_directoryReplaced_rotationFailsCleanly_nothingIsMadeInTheOther(SyncMode mode)
      throws IOException {
    Path moved = base.resolve("moved");
    long last;
    try (Wal wal = filled(mode)) {
      Files.move(dir(), moved);
      Files.createDirectory(dir());

      last = appendUntilRefused(wal);

      assertRefusesRotation(wal, last);
      assertThat(dir()).isEmptyDirectory();
      Files.delete(dir());
      Files.move(moved, dir());
    }
    try (Wal wal = open(config(mode).openCheck(OpenCheck.FULL))) {
      assertReadable(wal, last);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "EVERY_WRITE")
  void fault55_directoryRemoved_rotationFailsCleanly_acknowledgedEntriesAreRead(SyncMode mode)
      throws IOException {
    Wal wal = filled(mode);
    try (Stream<Path> files = Files.list(dir())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(dir());

    appendUntilRefused(wal);

    assertThat(wal.stats().failure()).isEmpty();
    for (int i = 1; i <= SEALED; i++) {
      assertThat(wal.get(i).orElseThrow().value()).isEqualTo(bytes("v" + i));
    }
    assertThat(dir()).doesNotExist();
    wal.close();
    assertThat(dir()).doesNotExist();
    try (Wal next = open(config(mode))) {
      assertThat(next.isEmpty()).isTrue();
    }
  }
}
