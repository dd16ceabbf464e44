package dev.walnut.realdisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.Backend;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalReader;
import dev.walnut.exception.LogFailedException;
import dev.walnut.internal.platform.NativeBody;
import dev.walnut.realdisk.LoopFileSystem.Kind;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A file system that turns read-only under an open log, as ext4 does when it finds damage. */
@Timeout(120)
class RemountedReadOnlyTest {
  private static final int ENTRIES = 30;

  @TempDir Path base;

  static Stream<Arguments> combinations() {
    return Stream.of(Backend.NATIVE, Backend.JAVA)
        .flatMap(
            backend ->
                Stream.of(SyncMode.NONE, SyncMode.INTERVAL, SyncMode.BATCH)
                    .map(mode -> Arguments.of(backend, mode)));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void fault13_readOnlyWhileWriting_failsTyped_readsGoOn_andReadOnlyOpeningWritesNothing(
      Backend backend, SyncMode mode) throws Exception {
    NativeBody.required();
    try (LoopFileSystem files = LoopFileSystem.make(Kind.EXT4, base.toRealPath())) {
      Path dir = files.root().resolve("log");
      Wal wal = Wal.open(config(dir, backend, mode));
      for (int i = 1; i <= ENTRIES; i++) {
        append(wal, i);
      }
      wal.sync();
      files.turnReadOnly();

      Throwable first = failureOf(wal);
      assertThat(first.getCause())
          .as("what ext4 says to a write, and to a sync")
          .message()
          .containsAnyOf("Read-only file system", "Input/output error");
      Throwable second = failureOf(wal);
      assertThat(second.getCause()).as("the first cause").isSameAs(first.getCause());
      assertHolds(wal);
      assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
      TreeMap<String, Long> before = digests(dir);
      try (WalReader reader = Wal.openReadOnly(dir, "segment_")) {
        assertHolds(reader);
      }
      assertThatThrownBy(() -> Wal.open(config(dir, backend, mode)))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("Read-only file system");
      assertThat(digests(dir)).isEqualTo(before);

      files.mountAgain();
      Backend other = backend == Backend.JAVA ? Backend.NATIVE : Backend.JAVA;
      try (Wal again = Wal.open(config(dir, other, mode))) {
        assertHolds(again);
        append(again, again.lastIndex() + 1);
      }
    }
  }

  private static WalConfig config(Path dir, Backend backend, SyncMode mode) {
    return WalConfig.forDatabase(dir)
        .backend(backend)
        .syncMode(mode)
        .syncInterval(Duration.ofHours(1))
        .segmentThreshold(7)
        .build();
  }

  private static void append(Wal wal, long index) throws IOException {
    String key = Entries.key("w", index, 100);
    assertThat(wal.append(key, Entries.value(key))).isEqualTo(index);
  }

  private static Throwable failureOf(Wal wal) {
    try {
      append(wal, wal.lastIndex() + 1);
      throw new AssertionError("appended");
    } catch (IOException e) {
      assertThat(e).isInstanceOf(LogFailedException.class);
      return e;
    }
  }

  private static void assertHolds(WalReader log) throws IOException {
    Model model = Model.of(log);
    assertThat(model.first).isEqualTo(1);
    assertThat(model.keys).hasSizeGreaterThanOrEqualTo(ENTRIES);
    for (long i = 1; i <= ENTRIES; i++) {
      assertThat(model.keys.get(i)).isEqualTo(Entries.key("w", i, 100));
    }
  }

  private static TreeMap<String, Long> digests(Path dir) throws IOException {
    TreeMap<String, Long> digests = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file : files.toList()) {
        CRC32 crc = new CRC32();
        crc.update(Files.readAllBytes(file));
        digests.put(file.getFileName().toString(), crc.getValue());
      }
    }
    return digests;
  }
}
