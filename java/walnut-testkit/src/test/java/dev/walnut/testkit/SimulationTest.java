package dev.walnut.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.testkit.Mix.Place;
import dev.walnut.testkit.Simulation.Theme;
import java.io.IOException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Random lives of a log on a disk that forgets, each checked after every opening. */
class SimulationTest {
  private static final long FIRST_SEED = Long.getLong("walnut.simulation.seed", 1);
  private static final int STATES =
      Integer.getInteger(
          "walnut.simulation.states", Boolean.getBoolean("walnut.soak") ? 1_000_000 : 20_000);

  /** Seeds that have failed once; they run first. */
  private static final List<Long> FAILED_ONCE = List.of();

  /** Of every log that retention works on, the first deletion is a warning. */
  private static final Logger WARNINGS = Logger.getLogger("dev.walnut.Worker");

  @BeforeAll
  static void silence() {
    WARNINGS.setLevel(Level.OFF);
  }

  @AfterAll
  static void unsilence() {
    WARNINGS.setLevel(null);
  }

  @Test
  void lives_ofAnySeed_keepEveryPromise() throws IOException {
    Mix mix = new Mix();
    for (long seed : FAILED_ONCE) {
      run(seed, mix);
    }
    int states = STATES;
    for (long seed = FIRST_SEED; mix.states() < states; seed++) {
      run(seed, mix);
    }

    System.out.println(mix);
    if (states >= 1000) {
      assertThat(mix.shareInFlight()).as(mix.toString()).isGreaterThan(0.3);
      assertThat(mix.share(Place.ROTATION)).as(mix.toString()).isGreaterThan(0.1);
      assertThat(mix.share(Place.TRUNCATION)).as(mix.toString()).isGreaterThan(0.1);
      assertThat(mix.share(Place.RECOVERY)).as(mix.toString()).isGreaterThan(0.1);
    }
  }

  static Theme theme(long seed) {
    return seed % 20 == 0 ? Theme.LIES : seed % 5 == 1 ? Theme.ROT : Theme.CRASHES;
  }

  private static void run(long seed, Mix mix) throws IOException {
    Simulation simulation = new Simulation(seed, mix, theme(seed));
    try {
      simulation.run();
    } catch (Simulation.LieFoundOut e) {
      // the end of this one
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "replay with: mvn test -pl native,java/walnut,java/walnut-testkit -am"
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest=SimulationTest"
              + " -Dwalnut.simulation.states=1 -Dwalnut.simulation.seed="
              + seed
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
