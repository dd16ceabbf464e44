package dev.walnut.benchmarks;

import dev.walnut.Backend;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.WalCursor;
import dev.walnut.WalEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reads of a million warm entries, each verified. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(3)
public class ReadBenchmark {
  static final int ENTRIES = 1_000_000;

  @Param({"NATIVE", "JAVA"})
  Backend backend;

  @Param({"128", "1024"})
  int valueBytes;

  private Path dir;
  private Wal wal;

  @Setup
  public void write() throws IOException {
    dir = Scratch.newDirectory();
    wal = Wal.open(WalConfig.forDatabase(dir).backend(backend).syncMode(SyncMode.NONE).build());
    byte[] value = Records.value(valueBytes);
    for (int i = 0; i < ENTRIES; i++) {
      wal.append(Records.KEY, value);
    }
  }

  @TearDown
  public void delete() throws IOException {
    wal.close();
    Scratch.delete(dir);
  }

  @Benchmark
  public Optional<WalEntry> randomGet() throws IOException {
    return wal.get(1 + ThreadLocalRandom.current().nextInt(ENTRIES));
  }

  /** A place in the log, started again at its end. */
  @State(Scope.Thread)
  public static class Place {
    WalCursor cursor;

    @Setup(Level.Iteration)
    public void start(ReadBenchmark benchmark) {
      cursor = benchmark.wal.cursor(1);
    }
  }

  @Benchmark
  public WalEntry iterate(Place place) throws IOException {
    WalEntry entry = place.cursor.next();
    if (entry == null) {
      place.cursor = wal.cursor(1);
      entry = place.cursor.next();
    }
    return entry;
  }
}
