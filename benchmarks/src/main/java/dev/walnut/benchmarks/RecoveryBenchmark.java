package dev.walnut.benchmarks;

import dev.walnut.Backend;
import dev.walnut.SyncMode;
import dev.walnut.Wal;
import dev.walnut.WalConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/** Opening a million entries, after a clean close and after a kill. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
@Fork(3)
public class RecoveryBenchmark {
  @Param({"NATIVE", "JAVA"})
  Backend backend;

  /** Whether the log was closed; else it lies there as a killed process leaves it. */
  @Param({"true", "false"})
  boolean closed;

  private Path base;
  private Path template;
  private Path dir;
  private Wal wal;

  private WalConfig config(Path log) {
    return WalConfig.forDatabase(log).backend(backend).syncMode(SyncMode.NONE).build();
  }

  @Setup
  public void write() throws IOException {
    base = Scratch.newDirectory();
    template = base.resolve("template");
    Path written = base.resolve("written");
    byte[] value = Records.value(128);
    try (Wal writer = Wal.open(config(written))) {
      for (int i = 0; i < ReadBenchmark.ENTRIES; i++) {
        writer.append(Records.KEY, value);
      }
      if (!closed) {
        copy(written, template);
      }
    }
    if (closed) {
      copy(written, template);
    }
  }

  @Setup(Level.Invocation)
  public void restore() throws IOException {
    dir = base.resolve("log");
    copy(template, dir);
  }

  @TearDown(Level.Invocation)
  public void closeLog() throws IOException {
    wal.close();
    Scratch.delete(dir);
  }

  @TearDown
  public void delete() throws IOException {
    Scratch.delete(base);
  }

  @Benchmark
  public Wal open() throws IOException {
    wal = Wal.open(config(dir));
    return wal;
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target);
    try (Stream<Path> files = Files.list(source)) {
      List<Path> found = files.toList();
      for (Path file : found) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
  }
}
