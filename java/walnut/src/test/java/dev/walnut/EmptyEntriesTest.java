package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Entries without a byte of key and value. */
class EmptyEntriesTest {
  @TempDir Path base;

  /** Zeros lie behind the last of them: space that was prepared. */
  @ParameterizedTest
  @EnumSource(names = {"JAVA", "NATIVE"})
  void fault43_emptyEntries_areToldFromAbsentOnesAndFromZeros_afterAKill(Backend backend)
      throws IOException {
    if (backend == Backend.NATIVE) {
      NativeBody.required();
    }
    Path dir = base.resolve("log");
    Path killed = base.resolve("killed");
    try (Wal wal = Wal.open(config(dir, backend))) {
      wal.write(0, "", new byte[0]);
      wal.write(1, "", new byte[0]);
      wal.write(3, "", new byte[0]);
      wal.write(new WriteBatch().put(4, "", new byte[0]).put(5, "", new byte[0]));
      LogContract.copyWhileOpen(dir, killed);
    }

    for (Path left : List.of(dir, killed)) {
      try (Wal wal = Wal.open(config(left, backend))) {
        assertThat(wal.stream().map(WalEntry::index).toList()).containsExactly(0L, 1L, 3L, 4L, 5L);
        assertThat(wal.size()).isEqualTo(5);
        assertThat(wal.get(2)).isEmpty();
        assertThat(wal.contains(2)).isFalse();
        assertThat(wal.get(6)).isEmpty();
        for (long index : new long[] {0, 1, 3, 4, 5}) {
          WalEntry entry = wal.get(index).orElseThrow();
          assertThat(entry.key()).isEmpty();
          assertThat(entry.value()).isEmpty();
          assertThat(entry.isTombstone()).isFalse();
        }
        assertThat(wal.recoveryReport().cutBytes()).isZero();
      }
    }
  }

  private static WalConfig config(Path dir, Backend backend) {
    return WalConfig.builder(dir)
        .backend(backend)
        .syncMode(SyncMode.BATCH)
        .openCheck(OpenCheck.FULL)
        .build();
  }
}
