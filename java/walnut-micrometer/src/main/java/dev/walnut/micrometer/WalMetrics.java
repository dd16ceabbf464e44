package dev.walnut.micrometer;

import dev.walnut.SyncTimes;
import dev.walnut.Wal;
import dev.walnut.WalStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one log, all named {@code walnut.…} and tagged {@code log} with its directory and
 * prefix. They read {@link Wal#stats} when the registry asks; writing costs nothing more.
 *
 * <pre>{@code
 * Wal wal = Wal.open(config);
 * WalMetrics metrics = new WalMetrics(wal);
 * metrics.bindTo(registry);
 * …
 * metrics.close();
 * wal.close();
 * }</pre>
 *
 * <p>{@link #close} removes the meters again; do it when the log is closed, or they show its last
 * figures for ever. Registries hold the log weakly: one that is dropped unclosed is not kept by its
 * meters. Safe for use by any number of threads.
 */
public final class WalMetrics implements MeterBinder, AutoCloseable {
  /*
   * The shortest and the longest bound of sync times that get a counter of their own: 16 µs and
   * 16.8 s. No disk's sync is quicker, and each counter is a time series.
   */
  private static final int FIRST_BUCKET = 4;

  private final Wal wal;
  private final Tags tags;
  private final List<Bound> bound = new CopyOnWriteArrayList<>();

  /** A meter, and where it is. */
  private record Bound(MeterRegistry registry, Meter meter) {}

  /** The meters of a log, tagged with its directory and prefix. */
  public WalMetrics(Wal wal) {
    this(wal, Tags.empty());
  }

  /**
   * The meters of a log with more tags.
   *
   * @param tags added to all meters; one named {@code log} replaces the directory and prefix
   */
  public WalMetrics(Wal wal, Iterable<Tag> tags) {
    this.wal = Objects.requireNonNull(wal, "wal");
    String log = wal.config().dir().resolve(wal.config().prefix()).toString();
    this.tags = Tags.of("log", log).and(tags);
  }

  /** Adds the meters to a registry; several may have them. */
  @Override
  public void bindTo(MeterRegistry registry) {
    bindWriting(registry);
    bindSyncs(registry);
    bindWaiting(registry);
    bindFiles(registry);
    gauge(registry, "walnut.failed", "1 if the log takes no more writes", null, WalMetrics::failed);
  }

  private void bindWriting(MeterRegistry registry) {
    counter(registry, "walnut.requests", "Requests taken", null, WalStats::requests);
    counter(registry, "walnut.batches", "Batches written", null, WalStats::batches);
    counter(registry, "walnut.entries", "Entries and tombstones written", null, WalStats::entries);
    counter(registry, "walnut.written", "Bytes written", BaseUnits.BYTES, WalStats::bytesWritten);
  }

  private void bindSyncs(MeterRegistry registry) {
    counter(registry, "walnut.syncs", "Syncs of any file", null, WalStats::syncs);
    counter(
        registry,
        "walnut.syncs.slow",
        "Syncs slower than slowSyncThreshold",
        null,
        WalStats::slowSyncs);
    keep(
        registry,
        FunctionTimer.builder(
                "walnut.sync.duration",
                wal,
                w -> w.stats().syncTimes().count(),
                w -> w.stats().syncTimes().totalNanos(),
                TimeUnit.NANOSECONDS)
            .description("Writes and syncs of batches that are durable afterwards")
            .tags(tags)
            .register(registry));
    time(registry, "walnut.sync.max", "The longest since opening", s -> s.syncTimes().maxNanos());
    time(
        registry,
        "walnut.sync.running",
        "For how long one has been under way",
        WalStats::runningSyncNanos);
    SyncTimes shape = wal.stats().syncTimes();
    for (int bucket = FIRST_BUCKET; bucket < shape.buckets(); bucket++) {
      within(registry, bucket, shape.boundNanos(bucket));
    }
  }

  private void within(MeterRegistry registry, int bucket, long boundNanos) {
    String bound = boundNanos == Long.MAX_VALUE ? "+Inf" : Double.toString(boundNanos / 1e9);
    keep(
        registry,
        FunctionCounter.builder(
                "walnut.syncs.within", wal, w -> w.stats().syncTimes().countUpTo(bucket))
            .description("Syncs of batches that took no longer than le, in seconds")
            .tags(tags.and("le", bound))
            .register(registry));
  }

  private void bindWaiting(MeterRegistry registry) {
    gauge(
        registry,
        "walnut.queue.requests",
        "Requests waiting to be written",
        null,
        WalStats::queuedRequests);
    gauge(
        registry,
        "walnut.queue.size",
        "Keys and values waiting to be written",
        BaseUnits.BYTES,
        WalStats::queuedBytes);
    counter(
        registry,
        "walnut.queue.refusals",
        "Requests refused because the queue was full",
        null,
        WalStats::queueFullRefusals);
    stalls(registry, "queue", WalStats::stalls, WalStats::stalledNanos);
    stalls(registry, "housekeeper", WalStats::housekeeperStalls, WalStats::housekeeperStalledNanos);
    gauge(
        registry,
        "walnut.chores.pending",
        "Pieces of background work not finished",
        null,
        WalStats::choresPending);
  }

  private void bindFiles(MeterRegistry registry) {
    gauge(registry, "walnut.segments", "Segments of the log", null, WalStats::segments);
    gauge(registry, "walnut.size", "Bytes of the log", BaseUnits.BYTES, WalStats::logBytes);
    counter(registry, "walnut.rotations", "Segments started", null, WalStats::rotations);
    counter(
        registry,
        "walnut.segments.deleted",
        "Segments deleted by retention and truncation",
        null,
        WalStats::segmentsDeleted);
    time(registry, "walnut.open.duration", "How long opening took", WalStats::openNanos);
  }

  private static double failed(WalStats stats) {
    return stats.failure().isPresent() ? 1 : 0;
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String description,
      @Nullable String unit,
      ToDoubleFunction<WalStats> value) {
    keep(
        registry,
        FunctionCounter.builder(name, wal, w -> value.applyAsDouble(w.stats()))
            .description(description)
            .baseUnit(unit)
            .tags(tags)
            .register(registry));
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      @Nullable String unit,
      ToDoubleFunction<WalStats> value) {
    keep(
        registry,
        Gauge.builder(name, wal, w -> value.applyAsDouble(w.stats()))
            .description(description)
            .baseUnit(unit)
            .tags(tags)
            .register(registry));
  }

  private void time(
      MeterRegistry registry, String name, String description, ToDoubleFunction<WalStats> nanos) {
    keep(
        registry,
        TimeGauge.builder(name, wal, TimeUnit.NANOSECONDS, w -> nanos.applyAsDouble(w.stats()))
            .description(description)
            .tags(tags)
            .register(registry));
  }

  private void stalls(
      MeterRegistry registry,
      String reason,
      ToLongFunction<WalStats> count,
      ToDoubleFunction<WalStats> nanos) {
    keep(
        registry,
        FunctionTimer.builder(
                "walnut.stalls",
                wal,
                w -> count.applyAsLong(w.stats()),
                w -> nanos.applyAsDouble(w.stats()),
                TimeUnit.NANOSECONDS)
            .description("Waits for room in the queue, or of a batch for background work")
            .tags(tags.and("reason", reason))
            .register(registry));
  }

  private void keep(MeterRegistry registry, Meter meter) {
    bound.add(new Bound(registry, meter));
  }

  /** Removes the meters from the registries that have them. The log is left as it is. */
  @Override
  public void close() {
    for (Bound meter : bound) {
      meter.registry().remove(meter.meter());
    }
    bound.clear();
  }
}
