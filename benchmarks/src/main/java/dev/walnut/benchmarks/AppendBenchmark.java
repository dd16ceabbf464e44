package dev.walnut.benchmarks;

import dev.walnut.Backend;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Appends: threads × sync mode × value size × back end. Settings are those of {@code forDatabase},
 * but that only the newest 16 segments are kept, so that a run fits on a disk.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(3)
public class AppendBenchmark {
  private static final int IN_FLIGHT = 4096;

  @Param({"NATIVE", "JAVA"})
  Backend backend;

  @Param({"NONE", "BATCH"})
  SyncMode syncMode;

  @Param({"128", "1024", "16384"})
  int valueBytes;

  private byte[] value = {};
  private Path dir;
  private Wal wal;
  private final Semaphore room = new Semaphore(IN_FLIGHT);

  @Setup
  public void open() throws IOException {
    dir = Scratch.newDirectory();
    value = Records.value(valueBytes);
    wal =
        Wal.open(
            WalConfig.forDatabase(dir).syncMode(syncMode).backend(backend).maxSegments(16).build());
  }

  @TearDown
  public void close() throws IOException {
    room.acquireUninterruptibly(IN_FLIGHT);
    room.release(IN_FLIGHT);
    wal.close();
    Scratch.delete(dir);
  }

  @Benchmark
  @Threads(1)
  public long blocking1() throws IOException {
    return wal.append(Records.KEY, value);
  }

  @Benchmark
  @Threads(4)
  public long blocking4() throws IOException {
    return wal.append(Records.KEY, value);
  }

  @Benchmark
  @Threads(16)
  public long blocking16() throws IOException {
    return wal.append(Records.KEY, value);
  }

  @Benchmark
  @Threads(64)
  public long blocking64() throws IOException {
    return wal.append(Records.KEY, value);
  }

  /** One producer, 4096 writes in flight. */
  @Benchmark
  @Threads(1)
  public void inFlight4096() {
    room.acquireUninterruptibly();
    var unused =
        wal.appendAsync(Records.KEY, value).whenComplete((index, failure) -> room.release());
  }
}
