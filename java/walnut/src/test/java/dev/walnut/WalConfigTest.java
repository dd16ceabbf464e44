package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every setting: what it takes, what it says of what it does not take, and its default. */
class WalConfigTest {
  private static final Path DIR = Path.of("log");
  private static final int GIB = 1 << 30;

  /** A setting with a range, as its setter and its getter. */
  private record Ranged<T>(
      String name,
      T min,
      T max,
      List<T> outside,
      String range,
      BiFunction<WalConfig.Builder, T, WalConfig.Builder> set,
      Function<WalConfig, T> get) {

    @Override
    public String toString() {
      return name;
    }
  }

  private static Ranged<Integer> ints(
      String name,
      int min,
      int max,
      String unit,
      BiFunction<WalConfig.Builder, Integer, WalConfig.Builder> set,
      Function<WalConfig, Integer> get) {
    List<Integer> outside =
        max == Integer.MAX_VALUE
            ? List.of(min - 1, Integer.MIN_VALUE)
            : List.of(min - 1, Integer.MIN_VALUE, max + 1, Integer.MAX_VALUE);
    return new Ranged<>(name, min, max, outside, min + " to " + max + ' ' + unit, set, get);
  }

  private static Ranged<Long> longs(
      String name,
      long min,
      long max,
      String unit,
      BiFunction<WalConfig.Builder, Long, WalConfig.Builder> set,
      Function<WalConfig, Long> get) {
    List<Long> outside = List.of(min - 1, Long.MIN_VALUE, max + 1, Long.MAX_VALUE);
    return new Ranged<>(name, min, max, outside, min + " to " + max + ' ' + unit, set, get);
  }

  private static Ranged<Duration> durations(
      String name,
      Duration min,
      Duration max,
      BiFunction<WalConfig.Builder, Duration, WalConfig.Builder> set,
      Function<WalConfig, Duration> get) {
    List<Duration> outside =
        List.of(min.minusNanos(1), max.plusNanos(1), Duration.ofSeconds(Long.MAX_VALUE));
    return new Ranged<>(name, min, max, outside, min + " to " + max, set, get);
  }

  static Stream<Ranged<?>> ranged() {
    return Stream.of(
        ints(
            "segmentThreshold",
            0,
            Integer.MAX_VALUE,
            "entries",
            WalConfig.Builder::segmentThreshold,
            WalConfig::segmentThreshold),
        longs(
            "segmentBytes",
            8192,
            GIB,
            "bytes",
            WalConfig.Builder::segmentBytes,
            WalConfig::segmentBytes),
        ints(
            "maxSegments",
            0,
            Integer.MAX_VALUE,
            "segments",
            WalConfig.Builder::maxSegments,
            WalConfig::maxSegments),
        longs(
            "retainBytes",
            0,
            1L << 60,
            "bytes",
            WalConfig.Builder::retainBytes,
            WalConfig::retainBytes),
        durations(
            "retainFor",
            Duration.ZERO,
            Duration.ofDays(36_500),
            WalConfig.Builder::retainFor,
            WalConfig::retainFor),
        ints(
            "maxBatchSize",
            0,
            Integer.MAX_VALUE,
            "requests",
            WalConfig.Builder::maxBatchSize,
            WalConfig::maxBatchSize),
        ints(
            "maxBatchBytes",
            4096,
            GIB,
            "bytes",
            WalConfig.Builder::maxBatchBytes,
            WalConfig::maxBatchBytes),
        durations(
            "maxBatchDelay",
            Duration.ZERO,
            Duration.ofSeconds(10),
            WalConfig.Builder::maxBatchDelay,
            WalConfig::maxBatchDelay),
        ints(
            "writeQueueSize",
            1,
            4_194_304,
            "requests",
            WalConfig.Builder::writeQueueSize,
            WalConfig::writeQueueSize),
        longs(
            "writeQueueBytes",
            1,
            256L * GIB,
            "bytes",
            WalConfig.Builder::writeQueueBytes,
            WalConfig::writeQueueBytes),
        ints(
            "maxEntryBytes",
            1,
            GIB,
            "bytes",
            WalConfig.Builder::maxEntryBytes,
            WalConfig::maxEntryBytes),
        ints(
            "maxWriteBatchBytes",
            1,
            GIB,
            "bytes",
            WalConfig.Builder::maxWriteBatchBytes,
            WalConfig::maxWriteBatchBytes),
        ints(
            "maxOpenSegments",
            1,
            65_536,
            "segments",
            WalConfig.Builder::maxOpenSegments,
            WalConfig::maxOpenSegments),
        durations(
            "syncInterval",
            Duration.ofMillis(1),
            Duration.ofHours(1),
            WalConfig.Builder::syncInterval,
            WalConfig::syncInterval),
        durations(
            "slowSyncThreshold",
            Duration.ofMillis(1),
            Duration.ofHours(1),
            WalConfig.Builder::slowSyncThreshold,
            WalConfig::slowSyncThreshold));
  }

  @ParameterizedTest
  @MethodSource("ranged")
  <T> void setter_outOfRange_namesSettingValueAndRange(Ranged<T> setting) {
    for (T value : setting.outside()) {
      WalConfig.Builder builder = WalConfig.builder(DIR);
      T before = setting.get().apply(builder.build());

      assertThatThrownBy(() -> setting.set().apply(builder, value))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage(setting.name() + ": " + value + " is out of range: " + setting.range());
      assertThat(setting.get().apply(builder.build())).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @MethodSource("ranged")
  <T> void setter_atTheEndsOfItsRange_accepts(Ranged<T> setting) {
    for (T value : List.of(setting.min(), setting.max())) {
      WalConfig.Builder builder = WalConfig.builder(DIR);

      assertThat(setting.set().apply(builder, value)).isSameAs(builder);

      assertThat(setting.get().apply(builder.build())).isEqualTo(value);
    }
  }

  /** Settings that take an object; each refuses null by its own name. */
  private record Named(String name, BiConsumer<WalConfig.Builder, Object> set) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Named> objects() {
    return Stream.of(
        new Named("prefix", (b, v) -> b.prefix((String) v)),
        new Named("retainFor", (b, v) -> b.retainFor((Duration) v)),
        new Named("syncMode", (b, v) -> b.syncMode((SyncMode) v)),
        new Named("syncInterval", (b, v) -> b.syncInterval((Duration) v)),
        new Named("maxBatchDelay", (b, v) -> b.maxBatchDelay((Duration) v)),
        new Named("whenFull", (b, v) -> b.whenFull((WhenFull) v)),
        new Named("indexOrder", (b, v) -> b.indexOrder((IndexOrder) v)),
        new Named("backend", (b, v) -> b.backend((Backend) v)),
        new Named("slowSyncThreshold", (b, v) -> b.slowSyncThreshold((Duration) v)),
        new Named("callbackExecutor", (b, v) -> b.callbackExecutor((Executor) v)),
        new Named("openCheck", (b, v) -> b.openCheck((OpenCheck) v)),
        new Named("recovery", (b, v) -> b.recovery((RecoveryMode) v)));
  }

  @ParameterizedTest
  @MethodSource("objects")
  @SuppressWarnings("NullAway")
  void setter_null_namesTheSetting(Named setting) {
    assertThatThrownBy(() -> setting.set().accept(WalConfig.builder(DIR), null))
        .isExactlyInstanceOf(NullPointerException.class)
        .hasMessage(setting.name());
  }

  @Test
  @SuppressWarnings("NullAway")
  void directory_null_isNamed() {
    assertThatThrownBy(() -> WalConfig.builder(null)).hasMessage("dir");
    assertThatThrownBy(() -> WalConfig.forDatabase(null)).hasMessage("dir");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a\\b", "a\u0000b", "/"})
  void prefix_notAFileName_isRefused(String prefix) {
    assertThatThrownBy(() -> WalConfig.builder(DIR).prefix(prefix))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "prefix: \"" + prefix + "\" is out of range: a plain file name: no '/', '\\' or NUL");
  }

  @Test
  void prefix_emptyOrWithADigitAtTheEnd_isRefused() {
    assertThatThrownBy(() -> WalConfig.builder(DIR).prefix(""))
        .hasMessage("prefix: \"\" is out of range: at least one character");
    assertThatThrownBy(() -> WalConfig.builder(DIR).prefix("log1"))
        .hasMessage("prefix: \"log1\" is out of range: no digit at the end");
    assertThat(WalConfig.builder(DIR).prefix("1-").build().prefix()).isEqualTo("1-");
  }

  @Test
  void objects_areTakenAsTheyAre() {
    Executor executor = Runnable::run;

    WalConfig config =
        WalConfig.builder(DIR)
            .syncMode(SyncMode.EVERY_WRITE)
            .whenFull(WhenFull.FAIL)
            .indexOrder(IndexOrder.SEQUENTIAL)
            .backend(Backend.NATIVE)
            .callbackExecutor(executor)
            .openCheck(OpenCheck.FULL)
            .registerMBean(true)
            .recovery(RecoveryMode.STRICT)
            .build();

    assertThat(config.syncMode()).isEqualTo(SyncMode.EVERY_WRITE);
    assertThat(config.whenFull()).isEqualTo(WhenFull.FAIL);
    assertThat(config.indexOrder()).isEqualTo(IndexOrder.SEQUENTIAL);
    assertThat(config.backend()).isEqualTo(Backend.NATIVE);
    assertThat(config.callbackExecutor()).isSameAs(executor);
    assertThat(config.openCheck()).isEqualTo(OpenCheck.FULL);
    assertThat(config.registersMBean()).isTrue();
    assertThat(config.recovery()).isEqualTo(RecoveryMode.STRICT);
  }

  /** A new setting must come with a line in the tables above. */
  @Test
  void everySetter_isInATable() {
    Set<String> setters =
        Arrays.stream(WalConfig.Builder.class.getDeclaredMethods())
            .filter(m -> Modifier.isPublic(m.getModifiers()) && m.getParameterCount() == 1)
            .map(Method::getName)
            .collect(Collectors.toCollection(TreeSet::new));

    Set<String> tested = new TreeSet<>();
    ranged().forEach(setting -> tested.add(setting.name()));
    objects().forEach(setting -> tested.add(setting.name()));
    tested.add("registerMBean"); // takes either value; below

    assertThat(tested).isEqualTo(setters);
  }

  @Test
  void builder_defaults_areGoWalsDocumentedOnes() {
    WalConfig config = WalConfig.builder(DIR).build();

    assertThat(config.segmentThreshold()).isEqualTo(1000);
    assertThat(config.maxSegments()).isEqualTo(5);
    assertThat(config.syncMode()).isEqualTo(SyncMode.NONE);
    assertThat(config.maxBatchSize()).isEqualTo(100);
    assertThat(config.maxBatchBytes()).isEqualTo(1 << 20);
    assertThat(config.writeQueueSize()).isEqualTo(1000);
    assertThat(config.indexOrder()).isEqualTo(IndexOrder.UNIQUE);
    assertSharedDefaults(config);
  }

  @Test
  void forDatabase_keepsAllAndSyncs() {
    WalConfig config = WalConfig.forDatabase(DIR).build();

    assertThat(config.segmentThreshold()).isZero();
    assertThat(config.maxSegments()).isZero();
    assertThat(config.syncMode()).isEqualTo(SyncMode.BATCH);
    assertThat(config.maxBatchSize()).isZero();
    assertThat(config.maxBatchBytes()).isEqualTo(4 << 20);
    assertThat(config.writeQueueSize()).isEqualTo(65_536);
    assertThat(config.indexOrder()).isEqualTo(IndexOrder.SEQUENTIAL);
    assertSharedDefaults(config);
  }

  private static void assertSharedDefaults(WalConfig config) {
    assertThat(config.dir()).isEqualTo(DIR);
    assertThat(config.prefix()).isEqualTo("segment_");
    assertThat(config.segmentBytes()).isEqualTo(64L << 20);
    assertThat(config.retainBytes()).isZero();
    assertThat(config.retainFor()).isZero();
    assertThat(config.maxBatchDelay()).isEqualTo(Duration.ofMillis(10));
    assertThat(config.writeQueueBytes()).isEqualTo(64L << 20);
    assertThat(config.syncInterval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.whenFull()).isEqualTo(WhenFull.WAIT);
    assertThat(config.backend()).isEqualTo(Backend.AUTO);
    assertThat(config.maxEntryBytes()).isEqualTo(64 << 20);
    assertThat(config.maxWriteBatchBytes()).isEqualTo(256 << 20);
    assertThat(config.maxOpenSegments()).isEqualTo(64);
    assertThat(config.slowSyncThreshold()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.callbackExecutor()).isNull();
    assertThat(config.openCheck()).isEqualTo(OpenCheck.FOOTERS);
    assertThat(config.registersMBean()).isFalse();
    assertThat(config.recovery()).isEqualTo(RecoveryMode.HEAL);
  }
}
