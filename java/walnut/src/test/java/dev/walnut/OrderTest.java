package dev.walnut;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thread's writes get their places in the order of its calls, whatever others are doing. */
@Timeout(60)
class OrderTest {
  private final FakeStore store = new FakeStore();

  @Test
  void write_behindOnesOwnAsyncWriteAndAnUnlinkedPush_doesNotOvertake() throws IOException {
    WalConfig config = WalConfig.builder(Path.of("log")).build();
    Wal wal = Wal.open(config, new Internals(store, Threads.REAL));
    Request halfPushed = new MarkRequest();
    Request before = wal.path.queue.claim(halfPushed);

    CompletableFuture<Long> first = wal.appendAsync(new byte[] {1});
    Await.Started<Long> second = Await.start(() -> wal.append(new byte[] {2}));
    second.awaitParked();
    before.next = halfPushed;
    wal.sync();

    assertThat(first.join()).isEqualTo(1);
    assertThat(second.result()).isEqualTo(2);
    wal.close();
  }
}
