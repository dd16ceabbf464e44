package dev.walnut.benchmarks;

import dev.walnut.Backend;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * The level of speed below which something is broken, beside the floor measured in the same run.
 *
 * <p>{@code java -cp target/benchmarks.jar dev.walnut.benchmarks.Smoke [--forks N] [--backend
 * native|java]}; exits with 1 if a figure misses its target.
 */
public final class Smoke {
  private static final int VALUE_BYTES = 128;
  private static final int IN_FLIGHT = 4096;
  private static final long WARM_UP_NANOS = 1_500_000_000L;
  private static final long MEASURE_NANOS = 2_000_000_000L;
  private static final int OPEN_ENTRIES = 1_000_000;
  private static final int OPEN_SEGMENT_BYTES = 16 << 20;
  private static final int OPENS = 10;
  private static final int HEAP_ENTRIES = 4_000_000;

  /** A figure: what it is called, in what unit, and what it must be. */
  private enum Figure {
    BLOCKING_NO_SYNC("1 blocking thread, no sync", "/s", "≥ 0.5 × bare FileChannel", 0.5, true),
    BLOCKING_DURABLE("1 blocking thread, durable", "/s", "≥ 0.8 × bare, pre-zeroed", 0.8, true),
    IN_FLIGHT_NO_SYNC("1 producer, 4096 in flight, no sync", "/s", "≥ 2 M/s", 2e6, false),
    IN_FLIGHT_DURABLE("1 producer, 4096 in flight, durable", "/s", "≥ 0.8 M/s", 0.8e6, false),
    HEAP("heap an entry, every table loaded", " B", "≤ 6 B", -6, false),
    OPEN("open 1 M entries + 10 gets", " ms", "≤ 100 ms", -100, false);

    final String title;
    final String unit;
    final String wanted;

    /** At least so much, or, if negative, at most. */
    final double target;

    /** Whether the target is for the ratio to the floor. */
    final boolean ofFloor;

    Figure(String title, String unit, String wanted, double target, boolean ofFloor) {
      this.title = title;
      this.unit = unit;
      this.wanted = wanted;
      this.target = target;
      this.ofFloor = ofFloor;
    }

    boolean isMet(double value) {
      return target >= 0 ? value >= target : value <= -target;
    }
  }

  private Smoke() {}

  /** Runs the forks and prints the table. */
  public static void main(String[] args) throws Exception {
    Map<String, String> options = options(args);
    Backend backend = Backend.valueOf(options.get("--backend").toUpperCase(Locale.ROOT));
    if (Boolean.parseBoolean(options.get("--fork"))) {
      measure(backend);
      return;
    }
    Path dir = Scratch.newDirectory();
    String fileSystem = Files.getFileStore(dir).type();
    Scratch.delete(dir);
    int forks = Integer.parseInt(options.get("--forks"));
    System.out.printf(
        "Walnut smoke: %s, %s %s, %s %s, %d processors, %s, %d forks%n",
        backend.name().toLowerCase(Locale.ROOT),
        System.getProperty("java.vm.name"),
        System.getProperty("java.version"),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Runtime.getRuntime().availableProcessors(),
        fileSystem,
        forks);
    System.out.println(
        "forDatabase; 16-byte keys, 128-byte values; no sync: syncMode NONE; open: segments of"
            + " 16 MiB");
    Map<Figure, List<double[]>> figures = new LinkedHashMap<>();
    for (int fork = 0; fork < forks; fork++) {
      fork(backend, figures);
    }
    System.exit(print(figures) ? 0 : 1);
  }

  private static Map<String, String> options(String[] args) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("--forks", "3");
    options.put("--backend", "auto");
    options.put("--fork", "false");
    for (int i = 0; i + 1 < args.length; i += 2) {
      if (options.replace(args[i], args[i + 1]) == null) {
        throw new IllegalArgumentException(args[i] + ": options are " + options.keySet());
      }
    }
    return options;
  }

  private static void fork(Backend backend, Map<Figure, List<double[]>> figures)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dbench.dir=" + System.getProperty("bench.dir", "."),
                "-cp",
                System.getProperty("java.class.path"),
                Smoke.class.getName(),
                "--fork",
                "true",
                "--backend",
                backend.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] words = line.split(" ", -1);
        figures
            .computeIfAbsent(Figure.valueOf(words[0]), figure -> new ArrayList<>())
            .add(new double[] {Double.parseDouble(words[1]), Double.parseDouble(words[2])});
      }
    }
    if (process.waitFor() != 0) {
      throw new IOException("a fork ended with status " + process.exitValue());
    }
  }

  // ---- one fork

  private static void measure(Backend backend) throws Exception {
    Path base = Scratch.newDirectory();
    try {
      Blocking blocking = new Blocking(base, backend);
      report(Figure.BLOCKING_NO_SYNC, blocking.walnut(SyncMode.NONE), blocking.floor(false));
      report(Figure.BLOCKING_DURABLE, blocking.walnut(SyncMode.BATCH), blocking.floor(true));
      report(Figure.IN_FLIGHT_NO_SYNC, inFlight(base, backend, SyncMode.NONE), 0);
      report(Figure.IN_FLIGHT_DURABLE, inFlight(base, backend, SyncMode.BATCH), 0);
      report(Figure.HEAP, heap(base, backend), 0);
      report(Figure.OPEN, open(base, backend), 0);
    } finally {
      Scratch.delete(base);
    }
  }

  private static void report(Figure figure, double walnut, double floor) {
    System.out.println(figure + " " + walnut + " " + floor);
    System.out.flush();
  }

  /** What is called again and again while the clock runs. */
  private interface Step {
    void run() throws IOException;
  }

  private static double perSecond(Step step) throws IOException {
    run(step, WARM_UP_NANOS);
    return run(step, MEASURE_NANOS);
  }

  private static double run(Step step, long nanos) throws IOException {
    long start = System.nanoTime();
    long count = 0;
    long now = start;
    while (now - start < nanos) {
      for (int i = 0; i < 64; i++) {
        step.run();
      }
      count += 64;
      now = System.nanoTime();
    }
    return count * 1e9 / (now - start);
  }

  /** One thread that waits for each of its writes. */
  private record Blocking(Path base, Backend backend) {

    double walnut(SyncMode mode) throws IOException {
      Path dir = base.resolve("blocking-" + mode);
      byte[] value = Records.value(VALUE_BYTES);
      double result;
      try (Wal wal = Wal.open(config(dir, backend, mode).build())) {
        result = perSecond(() -> wal.append(Records.KEY, value));
      }
      Scratch.delete(dir);
      return result;
    }

    double floor(boolean durable) throws IOException {
      byte[] key = Records.key();
      byte[] value = Records.value(VALUE_BYTES);
      try (Floor floor = new Floor(base, Records.recordBytes(VALUE_BYTES), durable)) {
        return perSecond(() -> floor.append(key, value));
      }
    }
  }

  private static WalConfig.Builder config(Path dir, Backend backend, SyncMode mode) {
    return WalConfig.forDatabase(dir).backend(backend).syncMode(mode);
  }

  private static double inFlight(Path base, Backend backend, SyncMode mode) throws IOException {
    Path dir = base.resolve("in-flight-" + mode);
    byte[] value = Records.value(VALUE_BYTES);
    Semaphore room = new Semaphore(IN_FLIGHT);
    double result;
    try (Wal wal = Wal.open(config(dir, backend, mode).build())) {
      result =
          perSecond(
              () -> {
                room.acquireUninterruptibly();
                var unused =
                    wal.appendAsync(Records.KEY, value)
                        .whenComplete((index, failure) -> room.release());
              });
      room.acquireUninterruptibly(IN_FLIGHT);
    }
    Scratch.delete(dir);
    return result;
  }

  private static void fill(Path dir, WalConfig.Builder config, int entries) throws IOException {
    byte[] value = Records.value(VALUE_BYTES);
    Semaphore room = new Semaphore(IN_FLIGHT);
    try (Wal wal = Wal.open(config.syncMode(SyncMode.NONE).build())) {
      for (int i = 0; i < entries; i++) {
        room.acquireUninterruptibly();
        var unused =
            wal.appendAsync(Records.KEY, value).whenComplete((index, failure) -> room.release());
      }
      room.acquireUninterruptibly(IN_FLIGHT);
      if (wal.lastIndex() != entries) {
        throw new IOException(dir + ": holds " + wal.lastIndex() + " of " + entries);
      }
    }
  }

  private static double heap(Path base, Backend backend) throws IOException {
    Path dir = base.resolve("heap");
    fill(dir, WalConfig.forDatabase(dir).backend(backend), HEAP_ENTRIES);
    long before = usedHeap();
    double result;
    try (Wal wal = Wal.open(config(dir, backend, SyncMode.BATCH).build())) {
      for (long index = 1; index <= HEAP_ENTRIES; index += 1000) {
        if (wal.get(index).isEmpty()) {
          throw new IOException("entry " + index + " is missing");
        }
      }
      result = (usedHeap() - before) / (double) HEAP_ENTRIES;
    }
    Scratch.delete(dir);
    return result;
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /** The median time of opening a closed log and reading one entry in each of ten segments. */
  private static double open(Path base, Backend backend) throws IOException {
    Path dir = base.resolve("open");
    fill(
        dir,
        WalConfig.forDatabase(dir).backend(backend).segmentBytes(OPEN_SEGMENT_BYTES),
        OPEN_ENTRIES);
    double[] millis = new double[OPENS];
    for (int i = -3; i < OPENS; i++) {
      long start = System.nanoTime();
      Wal wal =
          Wal.open(config(dir, backend, SyncMode.BATCH).segmentBytes(OPEN_SEGMENT_BYTES).build());
      for (int segment = 0; segment < 10; segment++) {
        if (wal.get(1 + segment * (OPEN_ENTRIES / 10L)).isEmpty()) {
          throw new IOException("an entry is missing");
        }
      }
      long nanos = System.nanoTime() - start;
      if (wal.stats().segments() < 10) {
        throw new IOException("only " + wal.stats().segments() + " segments");
      }
      wal.close();
      if (i >= 0) {
        millis[i] = nanos / 1e6;
      }
    }
    return median(millis);
  }

  // ---- the table

  private static boolean print(Map<Figure, List<double[]>> figures) {
    System.out.printf(
        "%-38s %26s %26s %20s  %s%n", "", "walnut", "floor", "walnut / floor", "wanted");
    boolean allMet = true;
    for (Map.Entry<Figure, List<double[]>> entry : figures.entrySet()) {
      Figure figure = entry.getKey();
      List<double[]> runs = entry.getValue();
      double[] walnut = column(runs, run -> run[0]);
      double[] ratio = column(runs, run -> run[0] / run[1]);
      boolean met = figure.isMet(median(figure.ofFloor ? ratio : walnut));
      allMet &= met;
      System.out.printf(
          "%-38s %26s %26s %20s  %s%s%n",
          figure.title,
          range(walnut, figure.unit),
          figure.ofFloor ? range(column(runs, run -> run[1]), figure.unit) : "",
          figure.ofFloor ? range(ratio, "") : "",
          figure.wanted,
          met ? "" : "  MISSED");
    }
    return allMet;
  }

  private static double[] column(List<double[]> runs, Function<double[], Double> value) {
    return runs.stream().mapToDouble(value::apply).toArray();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The median, and the least and the most in brackets. */
  private static String range(double[] values, String unit) {
    double least = Arrays.stream(values).min().orElse(0);
    double most = Arrays.stream(values).max().orElse(0);
    return number(median(values)) + unit + " (" + number(least) + "–" + number(most) + ')';
  }

  private static String number(double value) {
    if (value >= 1e6) {
      return String.format(Locale.ROOT, "%.2f M", value / 1e6);
    }
    if (value >= 1e4) {
      return String.format(Locale.ROOT, "%.1f k", value / 1e3);
    }
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
  }
}
