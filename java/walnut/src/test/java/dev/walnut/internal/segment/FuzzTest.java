package dev.walnut.internal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walnut.internal.platform.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a fuzzer found worth keeping is asked again with little memory, and changed blindly. {@code
 * -Pfuzz} runs the fuzzer itself.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class FuzzTest {
  private static final Path CORPUS =
      Path.of(System.getProperty("basedir", "."), "src", "test", "fuzz");
  private static final boolean SOAK = Boolean.getBoolean("walnut.soak");
  private static final long SEED = Long.getLong("walnut.soak.seed", 44);
  private static final long SECONDS =
      Math.min(Long.getLong("walnut.soak.seconds", Long.MAX_VALUE), 600);
  private static final int CHANGED = 300;

  @TempDir Path base;

  @Test
  void fault44_corpus_with64MegabytesOfHeap_endsInResultsOrTheLogsOwnExceptions() throws Exception {
    ChildJvm.Ended ended =
        new ChildJvm()
            .option("-Xmx64m")
            .option("-Dbasedir=" + System.getProperty("basedir", "."))
            .run(FuzzReplay.class, CORPUS.toString(), base.toString());

    assertThat(ended.status()).as(ended.errors()).isZero();
    int inputs = FuzzReplay.inputsIn(CORPUS).size();
    assertThat(ended.output())
        .contains("and " + inputs + " inputs, " + FuzzTarget.values().length + " questions each");
    System.out.print("fuzz corpus: " + ended.output());
  }

  /** Fixed in number, and for ten minutes with {@code -Dwalnut.soak=true}. */
  @Test
  void fault44_corpusChangedAtRandom_endsInResultsOrTheLogsOwnExceptions() throws Exception {
    List<byte[]> inputs = FuzzReplay.inputsIn(CORPUS);
    inputs.addAll(FuzzInput.seeds(Files.createDirectory(base.resolve("seeds"))));
    Random random = new Random(SEED);
    Path dir = Files.createDirectory(base.resolve("log"));
    long startedNanos = System.nanoTime();
    long asked = 0;
    while (SOAK
        ? TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos) < SECONDS
        : asked < CHANGED) {
      byte[] input = changed(inputs, random);
      FuzzTarget target = FuzzTarget.values()[random.nextInt(FuzzTarget.values().length)];
      target.askOrExplain(input, dir);
      asked++;
    }
    System.out.printf(
        "fuzz blindly: %d questions about changed inputs, -Dwalnut.soak.seed=%d%n", asked, SEED);
  }

  /** One input with a few changes, or two of them cut and joined. */
  private static byte[] changed(List<byte[]> inputs, Random random) {
    byte[] input = inputs.get(random.nextInt(inputs.size())).clone();
    if (random.nextInt(4) == 0) {
      byte[] other = inputs.get(random.nextInt(inputs.size()));
      int cut = random.nextInt(input.length + 1);
      int from = random.nextInt(other.length + 1);
      input = Arrays.copyOf(input, cut + other.length - from);
      System.arraycopy(other, from, input, cut, other.length - from);
    }
    for (int changes = random.nextInt(4); changes >= 0 && input.length > 0; changes--) {
      change(input, random);
    }
    return input;
  }

  private static void change(byte[] input, Random random) {
    int at = random.nextInt(input.length);
    switch (random.nextInt(5)) {
      case 0 -> input[at] = (byte) random.nextInt();
      case 1 -> input[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> input[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 3 -> input[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
      default ->
          Arrays.fill(input, at, Math.min(at + random.nextInt(9), input.length), (byte) 0xff);
    }
  }
}
