package dev.walnut.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The bare {@link java.nio.channels.FileChannel} loops that the log is compared with. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(3)
public class FloorBenchmark {
  @Param({"128", "1024", "16384"})
  int valueBytes;

  @Param({"false", "true"})
  boolean durable;

  private final byte[] key = Records.key();
  private byte[] value = {};
  private Path dir;
  private Floor floor;

  @Setup
  public void open() throws IOException {
    dir = Scratch.newDirectory();
    value = Records.value(valueBytes);
    floor = new Floor(dir, Records.recordBytes(valueBytes), durable);
  }

  @TearDown
  public void close() throws IOException {
    floor.close();
    Scratch.delete(dir);
  }

  @Benchmark
  public void append() throws IOException {
    floor.append(key, value);
  }
}
