package dev.walnut.testkit.example;

import dev.walnut.Wal;
import dev.walnut.WalEntry;
import dev.walnut.WriteBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** A small database: balances by name, which are what the log says. */
final class Accounts {
  private final Wal wal;
  private final Map<String, Long> balances = new TreeMap<>();

  /** Replays the log. */
  Accounts(Wal wal) {
    this.wal = wal;
    for (WalEntry entry : wal) {
      apply(entry.key(), ByteBuffer.wrap(entry.value()).getLong());
    }
  }

  /** Moves money; when this returns, no crash undoes it, and none ever does half of it. */
  void transfer(String from, String to, long amount) throws IOException {
    wal.append(new WriteBatch().add(from, bytes(-amount)).add(to, bytes(amount)));
    apply(from, -amount);
    apply(to, amount);
  }

  Map<String, Long> balances() {
    return balances;
  }

  private void apply(String name, long change) {
    balances.merge(name, change, Long::sum);
  }

  private static byte[] bytes(long change) {
    return ByteBuffer.allocate(Long.BYTES).putLong(change).array();
  }
}
