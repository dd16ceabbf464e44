package dev.walnut.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalStats;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The meters of a log in a registry. */
class WalMetricsTest {
  @TempDir Path base;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Path dir;
  private Wal wal;

  @BeforeEach
  void open() throws IOException {
    dir = base.resolve("log");
    wal = Wal.open(config(dir));
  }

  private static WalConfig config(Path dir) {
    return WalConfig.forDatabase(dir).syncMode(SyncMode.NONE).segmentThreshold(10).build();
  }

  @AfterEach
  void close() throws IOException {
    wal.close();
  }

  private double count(String name) {
    return registry.get(name).functionCounter().count();
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  @Test
  void meters_showTheStats() throws IOException {
    new WalMetrics(wal).bindTo(registry);
    for (int i = 0; i < 25; i++) {
      wal.append(new byte[100]);
    }
    wal.appendWithSync(new byte[100]);
    WalStats stats = wal.stats();

    assertThat(count("walnut.requests")).as("and a mark, maybe").isBetween(26.0, 27.0);
    assertThat(count("walnut.batches")).isEqualTo(26);
    assertThat(count("walnut.entries")).isEqualTo(26);
    assertThat(count("walnut.written")).isEqualTo(stats.bytesWritten()).isGreaterThan(2600);
    assertThat(count("walnut.syncs")).isPositive();
    assertThat(count("walnut.syncs.slow")).isZero();
    assertThat(count("walnut.rotations")).isEqualTo(2);
    assertThat(count("walnut.segments.deleted")).isZero();
    assertThat(count("walnut.queue.refusals")).isZero();
    assertThat(gauge("walnut.segments")).isEqualTo(3);
    assertThat(gauge("walnut.size")).isGreaterThanOrEqualTo(stats.logBytes());
    assertThat(gauge("walnut.queue.requests")).isZero();
    assertThat(gauge("walnut.queue.size")).isZero();
    assertThat(gauge("walnut.failed")).isZero();
    FunctionTimer syncs = registry.get("walnut.sync.duration").functionTimer();
    assertThat(syncs.count()).isEqualTo(1);
    assertThat(syncs.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(stats.syncTimes().totalNanos());
    assertThat(registry.get("walnut.sync.max").timeGauge().value(TimeUnit.NANOSECONDS))
        .isEqualTo(stats.syncTimes().maxNanos());
    assertThat(registry.get("walnut.sync.running").timeGauge().value(TimeUnit.SECONDS)).isZero();
    assertThat(registry.get("walnut.open.duration").timeGauge().value(TimeUnit.NANOSECONDS))
        .isEqualTo(stats.openNanos());
    assertThat(registry.get("walnut.stalls").tag("reason", "queue").functionTimer().count())
        .isZero();
    assertThat(registry.get("walnut.stalls").tag("reason", "housekeeper").functionTimer().count())
        .isZero();
  }

  @Test
  void syncsWithin_areCumulative_andEndWithAll() throws IOException {
    new WalMetrics(wal).bindTo(registry);
    for (int i = 0; i < 5; i++) {
      wal.appendWithSync(new byte[10]);
    }

    List<Double> counts =
        registry.get("walnut.syncs.within").functionCounters().stream()
            .sorted((a, b) -> Double.compare(bound(a.getId()), bound(b.getId())))
            .map(counter -> counter.count())
            .toList();

    assertThat(counts).isSorted().hasSize(22).endsWith(5.0);
    assertThat(registry.get("walnut.syncs.within").tag("le", "0.001024").functionCounter())
        .isNotNull();
  }

  private static double bound(Meter.Id id) {
    String le = id.getTag("le");
    return "+Inf".equals(le) ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
  }

  @Test
  void meters_haveTheLogAsTag_andThoseAsked() {
    new WalMetrics(wal, Tags.of("app", "orders")).bindTo(registry);

    assertThat(registry.getMeters())
        .allSatisfy(
            meter ->
                assertThat(meter.getId().getTags())
                    .contains(
                        Tag.of("log", dir.resolve("segment_").toString()),
                        Tag.of("app", "orders")));
  }

  @Test
  void twoLogs_haveMetersOfTheirOwn() throws IOException {
    try (Wal other = Wal.open(config(base.resolve("other")))) {
      new WalMetrics(wal).bindTo(registry);
      new WalMetrics(other, Tags.of("log", "other")).bindTo(registry);
      wal.append(new byte[1]);

      assertThat(registry.get("walnut.entries").functionCounters()).hasSize(2);
      assertThat(registry.get("walnut.entries").tag("log", "other").functionCounter().count())
          .isZero();
    }
  }

  @Test
  void close_removesItsMeters_andNoOthers() throws IOException {
    SimpleMeterRegistry second = new SimpleMeterRegistry();
    registry.counter("theirs");
    try (Wal other = Wal.open(config(base.resolve("other")));
        WalMetrics kept = new WalMetrics(other)) {
      kept.bindTo(registry);
      int before = registry.getMeters().size();
      WalMetrics metrics = new WalMetrics(wal);
      metrics.bindTo(registry);
      metrics.bindTo(second);
      assertThat(registry.getMeters()).hasSizeGreaterThan(before);

      metrics.close();
      metrics.close();

      assertThat(registry.getMeters()).hasSize(before);
      assertThat(second.getMeters()).isEmpty();
      assertThat(wal.append(new byte[1])).as("the log goes on").isEqualTo(1);
    }
    assertThat(registry.getMeters()).extracting(m -> m.getId().getName()).containsOnly("theirs");
  }

  @Test
  void meters_ofAClosedLog_showItsLastFigures() throws IOException {
    new WalMetrics(wal).bindTo(registry);
    wal.append(new byte[1]);

    wal.close();

    assertThat(count("walnut.entries")).isEqualTo(1);
  }

  /** The table of docs/OPERATIONS.md names each meter, and none that is not there. */
  @Test
  void meters_areThoseOfTheDocumentation() throws IOException {
    new WalMetrics(wal).bindTo(registry);
    TreeSet<String> names = new TreeSet<>();
    registry.getMeters().forEach(meter -> names.add(meter.getId().getName()));

    String page = Files.readString(Path.of("../../docs/OPERATIONS.md"));
    int from = page.indexOf("## The meters");
    String section = page.substring(from, page.indexOf("\n## ", from));
    TreeSet<String> documented = new TreeSet<>();
    section
        .lines()
        .filter(line -> line.startsWith("| `walnut."))
        .forEach(line -> documented.add(line.split("`", -1)[1]));

    assertThat(documented).isEqualTo(names);
  }
}
