package dev.walnut.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SyncGateTest {
  private final SyncGate gate = new SyncGate();

  @Test
  void pass_afterFailure_isRefusedWithTheFirstCause() throws IOException {
    IOException first = new IOException("first");
    AtomicInteger runs = new AtomicInteger();
    assertThat(gate.pass("a", () -> 7)).isEqualTo(7);
    assertThatThrownBy(
            () ->
                gate.pass(
                    "a",
                    () -> {
                      throw first;
                    }))
        .isSameAs(first);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> gate.pass("a", runs::incrementAndGet))
          .hasMessage("sync a: refused, because an earlier write or sync failed")
          .hasCause(first);
    }
    assertThat(runs).hasValue(0);
  }
}
