package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** What the Java body makes of a channel that writes and reads less than it was asked to. */
class JavaFileTest {
  private static final int BYTES = 1000;

  /** What the JDK returns for a call that would have to wait. */
  private static final int UNAVAILABLE = -2;

  private final byte[] content = new byte[BYTES + 7];
  private final Memory memory = Disks.java().allocate(BYTES);
  private final WritePlan plan = Disks.java().newPlan();
  private int calls;
  private int syncs;

  /** A file whose calls end as the operator says: given what was asked for, the bytes moved. */
  private JavaFile file(IntUnaryOperator outcome) {
    byte[] written = new byte[BYTES];
    new Random(1).nextBytes(written);
    memory.bytes().put(0, written);
    plan.span(memory, 0, 600);
    plan.span(memory, 600, 400);
    return new JavaFile(Path.of("a"), new SteadyChannel(new Channel(outcome)));
  }

  private void assertWritten() {
    byte[] expected = new byte[BYTES];
    memory.bytes().get(0, expected);
    assertThat(Arrays.copyOfRange(content, 7, 7 + BYTES)).isEqualTo(expected);
  }

  @Test
  void fault07_shortWrites_areContinued() throws IOException {
    IntUnaryOperator[] outcomes = {
      asked -> 1, asked -> (asked + 1) / 2, asked -> Math.max(1, asked - 1), asked -> calls % 2
    };
    for (IntUnaryOperator outcome : outcomes) {
      plan.clear();
      Arrays.fill(content, (byte) 0);

      assertThat(file(outcome).write(7, plan, Durability.FILE)).isEqualTo(BYTES);

      assertWritten();
    }
    assertThat(syncs).isEqualTo(outcomes.length);
  }

  @Test
  void fault07_noProgressTwice_isAnError_andSyncsNothing() {
    JavaFile file = file(asked -> 0);

    assertThatThrownBy(() -> file.write(7, plan, Durability.FILE))
        .isInstanceOf(FileSystemException.class)
        .hasMessage("write a at offset 7, 1000 bytes: no progress in two writes");

    assertThat(calls).isEqualTo(2);
    assertThat(syncs).isZero();
  }

  @Test
  void fault08_unavailableWrite_isRepeatedFromTheRightOffset() throws IOException {
    JavaFile file = file(asked -> calls % 2 == 1 ? UNAVAILABLE : Math.min(asked, 300));

    assertThat(file.write(7, plan, Durability.NONE)).isEqualTo(BYTES);

    assertWritten();
  }

  @Test
  void fault15_unavailableRead_isNotTheEndOfTheFile() {
    JavaFile file = file(asked -> calls == 1 ? 10 : UNAVAILABLE);

    assertThatThrownBy(() -> file.read(7, memory, 0, 100))
        .isInstanceOf(FileSystemException.class)
        .hasMessage("read a at offset 7, 100 bytes: Resource temporarily unavailable");
  }

  private final class Channel extends AsynchronousFileChannel {
    private final IntUnaryOperator outcome;

    Channel(IntUnaryOperator outcome) {
      this.outcome = outcome;
    }

    @Override
    public Future<Integer> write(ByteBuffer source, long position) {
      calls++;
      int count = outcome.applyAsInt(source.remaining());
      for (int i = 0; i < count; i++) {
        content[(int) position + i] = source.get();
      }
      return CompletableFuture.completedFuture(count);
    }

    @Override
    public Future<Integer> read(ByteBuffer target, long position) {
      calls++;
      int count = outcome.applyAsInt(target.remaining());
      target.position(target.position() + Math.max(0, count));
      return CompletableFuture.completedFuture(count);
    }

    @Override
    public void force(boolean metadata) {
      syncs++;
    }

    @Override
    public long size() {
      return content.length;
    }

    @Override
    public AsynchronousFileChannel truncate(long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <A> void lock(
        long position, long size, boolean shared, A a, CompletionHandler<FileLock, ? super A> h) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<FileLock> lock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <A> void read(
        ByteBuffer target, long position, A a, CompletionHandler<Integer, ? super A> h) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <A> void write(
        ByteBuffer source, long position, A a, CompletionHandler<Integer, ? super A> h) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
