package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.internal.platform.FaultyDisk.Call;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A read that fails, or meets wrong bytes, hurts nobody but itself and leaves nothing behind. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalFaultsOnReadsTest extends WalFaultsFixture {
  @Test
  void fault16_readError_failsThatReadAlone() throws IOException {
    try (Wal wal = open(database())) {
      wal.append(new byte[] {1});
      failNext(Call.READ);

      assertThatThrownBy(() -> wal.get(1)).isInstanceOf(IOException.class);

      assertThat(wal.get(1)).isPresent();
      assertThat(wal.append(new byte[] {2})).isEqualTo(2);
    }
  }

  @Test
  void fault16_readErrorUnderACursor_isThrown_andTheSameEntryFollows() throws IOException {
    try (Wal wal = open(database().segmentThreshold(2))) {
      appendUpTo(wal, 5);
      for (long failing = 1; failing <= 5; failing++) {
        WalCursor cursor = wal.cursor(failing);
        failNext(Call.READ);

        assertThatThrownBy(cursor::next).isInstanceOf(IOException.class);

        for (long i = failing; i <= 5; i++) {
          WalEntry entry = cursor.next();
          assertThat(entry).isNotNull();
          assertThat(entry.index()).isEqualTo(i);
          assertThat(entry.value()).isEqualTo(new byte[] {(byte) i});
        }
        assertThat(cursor.next()).isNull();
      }
      appendUpTo(wal, 6);
    }
    assertHolds(6, 6);
  }

  /** What was read before the damage, or with it, is not what is read after the repair. */
  @Test
  void fault16_wrongByte_isCorruptWhileItIsThere_andTheWriterGoesOn() throws IOException {
    for (boolean sealed : new boolean[] {false, true}) {
      dir = base.resolve("sealed-" + sealed);
      try (Wal wal = open(database().segmentThreshold(sealed ? 2 : 0))) {
        for (String value : new String[] {"first value", "second value", "third value"}) {
          wal.append(value.getBytes(StandardCharsets.UTF_8));
        }
        Path file = dir.resolve("segment_0");
        int at = find(file, "first value");
        assertThat(wal.get(1)).isPresent();

        write(file, at, 'X');

        assertThatThrownBy(() -> wal.get(1))
            .isInstanceOfSatisfying(
                CorruptLogException.class,
                e -> {
                  assertThat(e.file()).isEqualTo(file);
                  assertThat(e.offset()).isBetween((long) at - 64, (long) at);
                  assertThat(e.firstIndex()).isEqualTo(1);
                  assertThat(e.lastIndex()).isEqualTo(1);
                })
            .hasMessageContaining(file + " at offset ");
        assertThatThrownBy(() -> wal.cursor(1).next()).isInstanceOf(CorruptLogException.class);
        assertThat(wal.get(2).orElseThrow().value()).asString().isEqualTo("second value");
        assertThat(wal.append("fourth".getBytes(StandardCharsets.UTF_8))).isEqualTo(4);
        write(file, at, 'f');
        assertThat(wal.get(1).orElseThrow().value()).asString().isEqualTo("first value");
        assertThat(wal.stats().failure()).isEmpty();
      }
      try (Wal wal = Wal.open(database().openCheck(OpenCheck.FULL).build())) {
        assertThat(wal.size()).isEqualTo(4);
      }
    }
  }

  private static int find(Path file, String text) throws IOException {
    int at = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(text);
    assertThat(at).isPositive();
    return at;
  }

  private static void write(Path file, int at, char value) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      access.write(value);
    }
  }
}
