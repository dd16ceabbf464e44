package dev.walnut.testkit.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.Wal;
import dev.walnut.WalConfig;
import dev.walnut.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The database, through power cuts at any call that changes the disk. */
class AccountsTest {
  private static final WalConfig CONFIG =
      WalConfig.forDatabase(Path.of("/data/accounts")).segmentBytes(64 * 1024).build();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void transfers_whateverSurvivesOfAPowerCut_areThereAndWhole(long seed) throws IOException {
    SimulatedDisk disk = new SimulatedDisk(seed);
    Random random = new Random(seed);
    Map<String, Long> acknowledged = new TreeMap<>();

    for (int life = 0; life < 5; life++) {
      Map<String, Long> attempted = live(disk, random, acknowledged);
      disk.crash(random.nextLong());

      Wal wal = disk.open(CONFIG);
      Map<String, Long> found = new Accounts(wal).balances();
      wal.close();

      // The transfer that was under way is there or not; all others are, and none is halved.
      assertThat(found).isIn(acknowledged, attempted);
      acknowledged = new TreeMap<>(found);
    }
  }

  /** Transfers until the machine stops; returns the balances if the last one is there after all. */
  private static Map<String, Long> live(
      SimulatedDisk disk, Random random, Map<String, Long> acknowledged) throws IOException {
    Wal wal = disk.open(CONFIG);
    Accounts accounts = new Accounts(wal);
    disk.stopAfter(1 + random.nextInt(100));
    while (true) {
      String from = "account " + random.nextInt(5);
      String to = "account " + random.nextInt(5);
      long amount = random.nextInt(1000);
      Map<String, Long> attempted = new TreeMap<>(acknowledged);
      attempted.merge(from, -amount, Long::sum);
      attempted.merge(to, amount, Long::sum);
      try {
        accounts.transfer(from, to, amount);
      } catch (IOException e) {
        return attempted; // the machine has stopped
      }
      acknowledged.putAll(attempted);
    }
  }
}
