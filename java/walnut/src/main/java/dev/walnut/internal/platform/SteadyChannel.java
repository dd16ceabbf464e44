package dev.walnut.internal.platform;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file channel that no interrupt closes. Every call waits for its result; the interrupt status
 * survives it.
 *
 * <p>Closing waits for the calls in progress, so that none of them meets a file that was opened
 * later under the same descriptor.
 */
final class SteadyChannel implements Closeable {
  private final AsynchronousFileChannel channel;

  SteadyChannel(AsynchronousFileChannel channel) {
    this.channel = channel;
  }

  static SteadyChannel open(Path path, Set<OpenOption> options) throws IOException {
    return new SteadyChannel(AsynchronousFileChannel.open(path, options, executor()));
  }

  /**
   * On Windows the executor's threads wait for completions and would never hand the caller's back,
   * so there the JDK's own pool does the work and the caller waits.
   */
  private static @Nullable CallerRuns executor() {
    return Systems.IS_WINDOWS ? null : CallerRuns.INSTANCE;
  }

  long size() throws IOException {
    return channel.size();
  }

  /** One read; returns the bytes read, or -1 at the end of the file. */
  int read(ByteBuffer target, long offset) throws IOException {
    int count = await(channel.read(target, offset));
    if (count < -1) {
      // The JDK's own code for "not now". It must not pass for the end of the file.
      throw new IOException("Resource temporarily unavailable");
    }
    return count;
  }

  /** One write; returns the bytes written, which may be fewer than remain; negative: not now. */
  int write(ByteBuffer source, long offset) throws IOException {
    return await(channel.write(source, offset));
  }

  /** Cuts the file to {@code size} bytes; does nothing if it is shorter. */
  void cut(long size) throws IOException {
    channel.truncate(size);
  }

  void sync(boolean metadata) throws IOException {
    channel.force(metadata);
  }

  /** Locks the whole file until the channel is closed; false if another process has it locked. */
  boolean tryLock() throws IOException {
    return channel.tryLock() != null;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static int await(Future<Integer> result) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException("a channel fails with an IOException only", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Runs each task in the thread that hands it in, before it returns. */
  private static final class CallerRuns extends AbstractExecutorService {
    static final CallerRuns INSTANCE = new CallerRuns();

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void shutdown() {
      throw new UnsupportedOperationException("shared by all channels");
    }

    @Override
    public List<Runnable> shutdownNow() {
      throw new UnsupportedOperationException("shared by all channels");
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return false;
    }
  }
}
