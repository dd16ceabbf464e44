package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.CorruptLogException;
import dev.walnut.exception.LogLockedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verify and salvage as callers use them. */
class WalSalvageTest {
  private static final String PREFIX = "segment_";
  private static final int ENTRIES = 30;

  @TempDir Path base;

  private Path dir;

  @BeforeEach
  void write() throws IOException {
    dir = base.resolve("log");
    try (Wal wal = Wal.open(WalConfig.forDatabase(dir).segmentBytes(8192).build())) {
      for (int i = 1; i <= ENTRIES; i++) {
        wal.append("key " + i, "v".repeat(1000).getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private Path damage() throws IOException {
    Path damaged = dir.resolve("segment_2");
    byte[] content = Files.readAllBytes(damaged);
    content[6000] ^= 1;
    Files.write(damaged, content);
    return damaged;
  }

  private static final class Heard implements VerifyListener {
    final List<Long> progress = new ArrayList<>();
    final List<Damage> suspected = new ArrayList<>();
    long total;

    @Override
    public void progress(long done, long of) {
      progress.add(done);
      total = of;
    }

    @Override
    public void suspected(Damage place) {
      suspected.add(place);
    }
  }

  @Test
  void verify_intactLog_tellsItsProgressUpToTheEnd() throws IOException {
    Heard heard = new Heard();

    VerifyReport report = Wal.verify(dir, PREFIX, heard);

    assertThat(report.isIntact()).isTrue();
    assertThat(report.entries()).isEqualTo(ENTRIES);
    assertThat(report.tornEnds()).isEmpty();
    assertThat(heard.progress).isSorted().startsWith(0L).endsWith(heard.total);
    assertThat(heard.suspected).isEmpty();
  }

  @Test
  void verify_damagedRecord_isTold_whenMetAndInTheReport() throws IOException {
    Path damaged = damage();
    Heard heard = new Heard();

    VerifyReport report = Wal.verify(dir, PREFIX, heard);

    assertThat(report.isIntact()).isFalse();
    Damage damage = report.damages().get(0);
    assertThat(damage.file()).isEqualTo(damaged);
    assertThat(damage.offset()).isBetween(4096L, 6000L);
    assertThat(damage.kind()).isEqualTo(Damage.Kind.CORRUPT);
    assertThat(damage.firstIndex()).isPositive().isEqualTo(damage.lastIndex());
    assertThat(heard.suspected).extracting(Damage::offset).contains(damage.offset());
  }

  @Test
  void salvage_dryRunThenApply_keepsAllButTheDamagedEntry() throws IOException {
    damage();
    long lost = Wal.verify(dir, PREFIX).damages().get(0).firstIndex();
    WalConfig full = WalConfig.forDatabase(dir).openCheck(OpenCheck.FULL).build();
    assertThatThrownBy(() -> Wal.open(full).close()).isInstanceOf(CorruptLogException.class);

    SalvageReport dry = Wal.salvage(dir, PREFIX, SalvageMode.DRY_RUN);
    SalvageReport done = Wal.salvage(dir, PREFIX, SalvageMode.APPLY);

    assertThat(dry.isNeeded()).isTrue();
    assertThat(dry.isApplied()).isFalse();
    assertThat(dry.quarantine()).isEmpty();
    assertThat(dry.missing()).containsExactly(new SalvageReport.IndexRange(lost, lost));
    assertThat(done.isApplied()).isTrue();
    assertThat(done.entries()).isEqualTo(dry.entries()).isEqualTo(ENTRIES - 1);
    assertThat(done.lastIndex()).isEqualTo(ENTRIES);
    assertThat(done.quarantine().orElseThrow()).isDirectoryContaining("glob:**segment_2");
    try (Wal wal = Wal.open(full)) {
      assertThat(wal.size()).isEqualTo(ENTRIES - 1);
      assertThat(wal.contains(lost)).isFalse();
      assertThat(wal.append("next", new byte[1])).isEqualTo(ENTRIES + 1);
    }
  }

  @Test
  void salvage_ofAnOpenLog_isRefused() throws IOException {
    try (Wal wal = Wal.open(dir)) {
      assertThat(wal.size()).isEqualTo(ENTRIES);
      assertThatThrownBy(() -> Wal.salvage(dir, PREFIX, SalvageMode.APPLY))
          .isInstanceOf(LogLockedException.class);
      assertThat(Wal.salvage(dir, PREFIX, SalvageMode.DRY_RUN).isNeeded()).isFalse();
      assertThat(Wal.verify(dir, PREFIX).isIntact()).isTrue();
    }
  }

  @Test
  void verifyAndSalvage_missingDirectory_isNotCreated() {
    Path missing = base.resolve("missing");

    assertThatThrownBy(() -> Wal.verify(missing, PREFIX)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Wal.salvage(missing, PREFIX, SalvageMode.APPLY))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(missing).doesNotExist();
  }

  @Test
  @SuppressWarnings("NullAway") // that is what is tested
  void verifyAndSalvage_null_isRefusedByName() {
    assertThatNullPointerException().isThrownBy(() -> Wal.verify(null, PREFIX)).withMessage("dir");
    assertThatNullPointerException().isThrownBy(() -> Wal.verify(dir, null)).withMessage("prefix");
    assertThatNullPointerException()
        .isThrownBy(() -> Wal.verify(dir, PREFIX, null))
        .withMessage("listener");
    assertThatNullPointerException()
        .isThrownBy(() -> Wal.salvage(dir, PREFIX, null))
        .withMessage("mode");
  }
}
