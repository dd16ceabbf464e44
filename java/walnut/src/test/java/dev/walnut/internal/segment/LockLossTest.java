package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walnut.exception.LogLockedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A writer whose lock file was taken away stops at the next rotation. */
class LockLossTest {
  @TempDir Path dir;

  private SegmentStore open(Body body) throws IOException {
    SegmentStore store =
        SegmentStore.open(StoreFixture.environment(body.disk(), 1), StoreFixture.options(dir));
    StoreFixture.add(store, 1, "key", new byte[10]);
    store.commit(true);
    return store;
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault31_lockFileDeleted_rotationIsRefused(Body body) throws IOException {
    SegmentStore store = open(body);
    Files.delete(dir.resolve("segment_lock"));

    assertThatThrownBy(store::rotate)
        .isInstanceOf(LogLockedException.class)
        .hasMessageContaining("the lock file was removed or replaced");

    assertThat(store.get(1)).isNotNull();
    store.close();
  }

  @ParameterizedTest
  @EnumSource(Body.class)
  void fault31_lockFileReplaced_rotationIsRefused(Body body) throws IOException {
    SegmentStore store = open(body);
    Files.delete(dir.resolve("segment_lock"));
    Files.createFile(dir.resolve("segment_lock"));

    assertThatThrownBy(store::rotate).isInstanceOf(LogLockedException.class);

    store.close();
  }
}
