package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.BrokenInvariantException;
import dev.walnut.exception.LogFailedException;
import dev.walnut.exception.LogFailedException.Outcome;
import dev.walnut.internal.segment.EntrySource;
import dev.walnut.internal.segment.EntryStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over a store that does not do what it says, nobody is told that anything was written. */
@Timeout(60)
class AcknowledgementTest {
  private static final byte[] VALUE = {1};

  private final FakeStore below = new FakeStore();

  /** Makes one of the store's numbers too small by one, from now on. */
  private volatile String liesAbout = "nothing";

  private EntryStore lying() {
    return (EntryStore)
        Proxy.newProxyInstance(
            EntryStore.class.getClassLoader(),
            new Class<?>[] {EntryStore.class},
            (self, method, arguments) -> {
              try {
                Object result = method.invoke(below, arguments);
                return method.getName().equals(liesAbout) ? (Object) ((long) result - 1) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Wal open(SyncMode mode) throws IOException {
    StoreOpener opener =
        new StoreOpener() {
          @Override
          public OpenedStore open(WalConfig config) {
            return new OpenedStore(lying(), below.open(config).recovery(), "fake", "a test");
          }

          @Override
          public EntrySource openReadOnly(Path dir, String prefix) {
            throw new AssertionError("not asked for");
          }
        };
    WalConfig config = WalConfig.builder(Path.of("log")).syncMode(mode).build();
    return Wal.open(config, new Internals(opener, Threads.REAL));
  }

  private static void assertFailed(Throwable failure, Outcome outcome, String rule) {
    assertThat(failure).isInstanceOf(LogFailedException.class).hasMessageContaining(rule);
    assertThat(((LogFailedException) failure).outcome()).isEqualTo(outcome);
    assertThat(failure).hasCauseInstanceOf(BrokenInvariantException.class);
    assertThat(failure.getCause())
        .hasMessage("acknowledge a batch: a rule of the log is broken: " + rule);
  }

  @Test
  void durableWrite_whoseSyncReachedLess_isNotAcknowledged_andFailsTheLog() throws IOException {
    String rule = "all up to 2 was synced, and yet durable is 1";
    Wal wal = open(SyncMode.BATCH);
    wal.append(VALUE);
    liesAbout = "durableIndex";

    CompletableFuture<Long> write = wal.appendAsync(VALUE);

    assertFailed(Await.failure(write), Outcome.UNKNOWN, rule);
    assertFailed(Await.failure(wal.appendAsync(VALUE)), Outcome.NOT_WRITTEN, rule);
    assertThatThrownBy(() -> wal.append(VALUE)).isInstanceOf(LogFailedException.class);
    assertThat(wal.stats().failure()).isPresent();
    assertThat(wal.get(1)).as("reading goes on").isPresent();
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
  }

  @Test
  void write_thatReadersDoNotSee_isNotAcknowledged_andFailsTheLog() throws IOException {
    Wal wal = open(SyncMode.NONE);
    wal.append(VALUE);
    liesAbout = "lastIndex";

    assertThatThrownBy(() -> wal.append(VALUE))
        .satisfies(
            t ->
                assertFailed(
                    t, Outcome.UNKNOWN, "the batch ends with index 2, and yet the last is 1"));

    assertThat(wal.stats().failure()).isPresent();
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
  }

  @Test
  void sync_thatReachedLess_isNotAcknowledged_andFailsTheLog() throws IOException {
    Wal wal = open(SyncMode.NONE);
    wal.append(VALUE);
    liesAbout = "durableIndex";

    assertThatThrownBy(wal::sync)
        .satisfies(
            t -> assertFailed(t, Outcome.UNKNOWN, "all up to 1 was synced, and yet durable is 0"));
    assertThatThrownBy(wal::close).isInstanceOf(LogFailedException.class);
  }
}
