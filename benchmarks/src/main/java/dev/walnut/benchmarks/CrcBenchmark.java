package dev.walnut.benchmarks;

import dev.walnut.internal.platform.Crc32c;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
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
import org.openjdk.jmh.annotations.Warmup;

/** Checksums: the log's salted one, as reads verify it, beside the JDK's own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class CrcBenchmark {
  @Param({"160", "1024", "16384", "1048576"})
  int bytes;

  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
  private final Crc32c salted = new Crc32c();
  private final CRC32C plain = new CRC32C();

  @Setup
  public void fill() {
    buffer = ByteBuffer.allocateDirect(bytes);
    buffer.put(Records.value(bytes)).clear();
  }

  @Benchmark
  public int salted() {
    return salted.start(1, 2).add(buffer, 0, bytes).value();
  }

  @Benchmark
  public long jdk() {
    plain.reset();
    plain.update(buffer.duplicate());
    return plain.getValue();
  }
}
