package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WalConfigTest {
  private static final Path DIR = Path.of("log");

  static Stream<Arguments> outOfRange() {
    return Stream.of(
        refused("prefix", "\"\"", "at least one character", b -> b.prefix("")),
        refused("prefix", "\"a/b\"", "a plain file name", b -> b.prefix("a/b")),
        refused("prefix", "\"log1\"", "no digit at the end", b -> b.prefix("log1")),
        refused("segmentThreshold", "-1", "0 to 2147483647", b -> b.segmentThreshold(-1)),
        refused("segmentBytes", "8191", "8192 to 1073741824", b -> b.segmentBytes(8191)),
        refused("segmentBytes", "1073741825", "8192 to", b -> b.segmentBytes((1L << 30) + 1)),
        refused("maxSegments", "-1", "0 to 2147483647", b -> b.maxSegments(-1)),
        refused("maxBatchSize", "-1", "0 to 2147483647", b -> b.maxBatchSize(-1)),
        refused("maxBatchBytes", "4095", "4096 to 1073741824", b -> b.maxBatchBytes(4095)),
        refused("maxBatchDelay", "PT-1S", "PT0S to PT10S", b -> b.maxBatchDelay(seconds(-1))),
        refused("maxBatchDelay", "PT11S", "PT0S to PT10S", b -> b.maxBatchDelay(seconds(11))),
        refused("writeQueueSize", "0", "1 to 4194304", b -> b.writeQueueSize(0)),
        refused("writeQueueBytes", "0", "1 to 274877906944", b -> b.writeQueueBytes(0)),
        refused("maxEntryBytes", "0", "1 to 1073741824", b -> b.maxEntryBytes(0)),
        refused("maxWriteBatchBytes", "-5", "1 to 1073741824", b -> b.maxWriteBatchBytes(-5)),
        refused("maxOpenSegments", "0", "1 to 65536", b -> b.maxOpenSegments(0)),
        refused("slowSyncThreshold", "PT0S", "PT0.001S to", b -> b.slowSyncThreshold(seconds(0))));
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static Arguments refused(
      String setting, String value, String range, Consumer<WalConfig.Builder> set) {
    return Arguments.of(setting, value, range, set);
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void setter_outOfRange_namesSettingValueAndRange(
      String setting, String value, String range, Consumer<WalConfig.Builder> set) {
    WalConfig.Builder builder = WalConfig.builder(DIR);

    assertThatThrownBy(() -> set.accept(builder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(setting + ": " + value)
        .hasMessageContaining(range);
  }

  @Test
  void builder_defaults_areGoWals() {
    WalConfig config = WalConfig.builder(DIR).build();

    assertThat(config.prefix()).isEqualTo("segment_");
    assertThat(config.segmentThreshold()).isEqualTo(1000);
    assertThat(config.maxSegments()).isEqualTo(5);
    assertThat(config.syncMode()).isEqualTo(SyncMode.NONE);
    assertThat(config.maxBatchSize()).isEqualTo(100);
    assertThat(config.maxBatchDelay()).isEqualTo(Duration.ofMillis(10));
    assertThat(config.writeQueueSize()).isEqualTo(1000);
    assertThat(config.indexOrder()).isEqualTo(IndexOrder.UNIQUE);
  }

  @Test
  void forDatabase_keepsAllAndSyncs() {
    WalConfig config = WalConfig.forDatabase(DIR).build();

    assertThat(config.maxSegments()).isZero();
    assertThat(config.segmentThreshold()).isZero();
    assertThat(config.syncMode()).isEqualTo(SyncMode.BATCH);
    assertThat(config.indexOrder()).isEqualTo(IndexOrder.SEQUENTIAL);
    assertThat(config.maxBatchSize()).isZero();
    assertThat(config.maxBatchBytes()).isEqualTo(4 << 20);
    assertThat(config.writeQueueSize()).isEqualTo(65_536);
  }
}
