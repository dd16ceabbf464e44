package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.TornLogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A log set to refuse a torn end, on either body. */
@ParameterizedClass
@EnumSource(names = {"JAVA", "NATIVE"})
class WalStrictTest extends LogContract {
  @Parameter Backend body;

  @Override
  Backend backend() {
    return body;
  }

  /** What a killed process leaves, with bytes behind it that are no batch. */
  private Path torn() throws IOException {
    Path killed;
    try (Wal wal = open(unique())) {
      for (int i = 1; i <= 12; i++) {
        wal.append("k", bytes("v" + i));
      }
      wal.sync();
      killed = copyWhileOpen("killed");
    }
    Path tail = killed.resolve("segment_1");
    Files.write(tail, bytes("WLTB and no more"), StandardOpenOption.APPEND);
    return killed;
  }

  @Test
  void strict_tornEnd_isRefusedTypedAndUntouched_readOnlyServes_healingOpens() throws IOException {
    Path dir = torn();
    TreeMap<String, String> before = digests(dir);

    assertThatThrownBy(() -> open(unique(dir).recovery(RecoveryMode.STRICT)))
        .isInstanceOfSatisfying(
            TornLogException.class, e -> assertThat(e.file()).isEqualTo(dir.resolve("segment_1")))
        .hasMessageStartingWith("open " + dir.resolve("segment_1") + " at offset ")
        .hasMessageContaining("expected sequence ");

    TreeMap<String, String> after = digests(dir);
    after.replace("segment_lock", before.get("segment_lock")); // says who opened last
    assertThat(after).isEqualTo(before);
    try (WalReader reader = Wal.openReadOnly(dir, "segment_")) {
      assertThat(reader.lastIndex()).isEqualTo(12);
    }
    try (Wal wal = open(unique(dir))) {
      assertThat(wal.recoveryReport().cutBytes()).isPositive();
      assertThat(wal.lastIndex()).isEqualTo(12);
    }
    try (Wal wal = open(unique(dir).recovery(RecoveryMode.STRICT))) {
      assertThat(wal.append(bytes("v13"))).isEqualTo(13);
    }
  }

  @Test
  void strict_killedOrClosed_opensInEveryMode() throws IOException {
    for (SyncMode mode : SyncMode.values()) {
      Path log = base.resolve("log " + mode);
      Path killed;
      try (Wal wal = open(unique(log).syncMode(mode).recovery(RecoveryMode.STRICT))) {
        for (int i = 1; i <= 25; i++) {
          wal.append("k", bytes("v" + i));
        }
        Await.until(() -> wal.stats().choresPending() == 0);
        killed = copyWhileOpen(log, base.resolve("killed " + mode));
      }
      for (Path dir : new Path[] {log, killed}) {
        try (Wal wal = open(unique(dir).recovery(RecoveryMode.STRICT))) {
          assertThat(wal.size()).as("%s %s", mode, dir).isEqualTo(25);
        }
      }
    }
  }
}
