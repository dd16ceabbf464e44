package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.exception.CompactedException;
import dev.walnut.internal.platform.ChildJvm;
import dev.walnut.internal.platform.NativeBody;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A reader beside a writer that is a process of its own. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TailProcessTest {
  private static final Duration FOREVER = Duration.ofDays(1);
  private static final int KEEP_ALL = 0;

  @TempDir Path base;

  @BeforeEach
  void requireNative() throws IOException {
    NativeBody.required();
  }

  private Path dir() throws IOException {
    return Files.createDirectories(base.resolve("log"));
  }

  private static Process start(Backend backend, Path dir, int maxSegments, long last)
      throws IOException {
    ChildJvm child = new ChildJvm();
    if (Runtime.version().feature() >= 24) {
      child.option("--enable-native-access=ALL-UNNAMED");
    }
    return child.start(
        TailProcessChild.class,
        backend.name(),
        dir.toString(),
        Integer.toString(maxSegments),
        Long.toString(last));
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "JAVA"})
  void tail_writerRotatesClosesAndReopens_seesEveryEntryOnce(Backend backend) throws Exception {
    int last = 3000;
    Path dir = dir();
    Process writer = start(backend, dir, KEEP_ALL, last);
    try (WalReader reader = Wal.openReadOnly(dir, "segment_");
        WalCursor cursor = reader.cursor(1);
        WalCursor durable = reader.cursor(1, ReadUpTo.DURABLE)) {
      long durableIndex = 0;
      for (long i = 1; i <= last; i++) {
        assertThat(cursor.await(FOREVER)).isTrue();
        assertThat(cursor.next()).isEqualTo(TailProcessChild.entry(i));
        for (WalEntry entry = durable.next(); entry != null; entry = durable.next()) {
          assertThat(entry).isEqualTo(TailProcessChild.entry(++durableIndex));
        }
        durable.await(Duration.ZERO);
      }
      assertThat(writer.waitFor()).isZero();
      while (durable.await(Duration.ZERO)) {
        assertThat(durable.next()).isEqualTo(TailProcessChild.entry(++durableIndex));
      }
      assertThat(durableIndex).isEqualTo(last);
    } finally {
      writer.destroyForcibly();
    }
  }

  /** A life that is killed, and one of the other back end that goes on. */
  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "JAVA"})
  void fault01_tail_writerIsKilled_readsOnInItsNextLife(Backend backend) throws Exception {
    int last = 3000;
    Path dir = dir();
    Process first = start(backend, dir, KEEP_ALL, Long.MAX_VALUE - 1);
    Process second = null;
    try (WalReader reader = Wal.openReadOnly(dir, "segment_");
        WalCursor cursor = reader.cursor(1)) {
      for (long i = 1; i <= last; i++) {
        if (i == last / 2) {
          first.destroyForcibly().waitFor();
          Backend other = backend == Backend.NATIVE ? Backend.JAVA : Backend.NATIVE;
          second = start(other, dir, KEEP_ALL, Long.MAX_VALUE - 1);
        }
        assertThat(cursor.await(FOREVER)).isTrue();
        assertThat(cursor.next()).isEqualTo(TailProcessChild.entry(i));
      }
    } finally {
      first.destroyForcibly().waitFor();
      if (second != null) {
        second.destroyForcibly().waitFor();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "JAVA"})
  void fault49_retentionOfAnotherProcess_rightBytesOrCompacted(Backend backend) throws Exception {
    long last = 4000;
    Path dir = dir();
    Process writer = start(backend, dir, 3, last);
    try (WalReader reader = Wal.openReadOnly(dir, "segment_")) {
      WalCursor cursor = reader.cursor(1);
      long seen = 0;
      while (seen < last) {
        try {
          assertThat(cursor.await(FOREVER)).isTrue();
          WalEntry entry = cursor.next();
          assertThat(entry).isEqualTo(TailProcessChild.entry(entry.index()));
          assertThat(entry.index()).isGreaterThan(seen);
          seen = entry.index();
          WalEntry again = reader.get(seen).orElse(entry);
          assertThat(again).isEqualTo(entry);
        } catch (CompactedException e) {
          cursor = reader.cursor(seen + 1);
        }
      }
      assertThat(writer.waitFor()).isZero();
    } finally {
      writer.destroyForcibly();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "JAVA"})
  void openReadOnly_besideAWriter_isAGapFreePrefix_neverDamage(Backend backend) throws Exception {
    Path dir = dir();
    Process writer = start(backend, dir, KEEP_ALL, Long.MAX_VALUE - 1);
    try {
      long last = 0;
      for (int opening = 0; opening < 30 || last < 1500; opening++) {
        try (WalReader reader = Wal.openReadOnly(dir, "segment_")) {
          assertThat(reader.lastIndex()).isGreaterThanOrEqualTo(last);
          long next = Math.max(1, last);
          last = reader.lastIndex();
          WalCursor cursor = reader.cursor(next);
          for (WalEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
            assertThat(entry).isEqualTo(TailProcessChild.entry(next));
            next++;
          }
          assertThat(next).isEqualTo(last + 1);
        }
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }
}
